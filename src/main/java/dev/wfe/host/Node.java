package dev.wfe.host;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a step does. Immutable.
 *
 * @param <D> the class of the workflow's data
 */
sealed interface Node<D> {
  /** The name of the kind of step, which is part of the stored graph. */
  String kind();

  /** Code of the application that the host executes, in a transaction or without. */
  record Execute<D, R extends @Nullable Object>(
      String kind,
      Options options,
      @Nullable ContextStepFunction<D, ? extends R> function,
      @Nullable TransactionFunction<D, ? extends R> inTransaction,
      Merge<D, R> merge)
      implements Node<D> {}

  /** A change of the data. */
  record Update<D>(Function<D, D> change) implements Node<D> {
    @Override
    public String kind() {
      return "update";
    }
  }

  /** A pause. */
  record Delay<D>(Function<D, Duration> duration) implements Node<D> {
    @Override
    public String kind() {
      return "delay";
    }
  }

  /** A decision. */
  record When<D>(Function<D, Boolean> condition) implements Node<D> {
    @Override
    public String kind() {
      return "when";
    }
  }

  /** A wait for an event. */
  record Await<D, E>(
      EventType<E> type, Function<D, String> key, Merge<D, E> merge, @Nullable Duration timeout)
      implements Node<D> {
    @Override
    public String kind() {
      return "await";
    }
  }

  /** Work that a worker outside the host does. */
  record Activity<D, I, O>(
      ActivityType<I, O> type, Options options, Function<D, I> input, Merge<D, O> merge)
      implements Node<D> {
    @Override
    public String kind() {
      return "activity";
    }
  }

  /** The output of a step that has none. */
  enum Nothing {
    NOTHING
  }

  /** Puts an output into the data. */
  @FunctionalInterface
  interface Merge<D, R extends @Nullable Object> {
    D apply(D data, R output);
  }

  /** The options of an executed step. */
  record Options(
      RetryPolicy retry, AfterLastAttempt afterLastAttempt, @Nullable Duration timeLimit) {
    static Options of(List<StepOption> options) {
      RetryPolicy retry = null;
      AfterLastAttempt after = null;
      TimeLimit limit = null;
      for (StepOption option : options) {
        if (option instanceof RetryPolicy policy) {
          retry = once(retry, policy);
        } else if (option instanceof AfterLastAttempt action) {
          after = once(after, action);
        } else if (option instanceof TimeLimit given) {
          limit = once(limit, given);
        }
      }
      return new Options(
          retry == null ? RetryPolicy.standard() : retry,
          after == null ? AfterLastAttempt.SUSPEND : after,
          limit == null ? null : limit.duration());
    }

    private static <T extends StepOption> T once(@Nullable T before, T option) {
      if (before != null) {
        throw new WorkflowDefinitionException(
            "A step has the option %s twice".formatted(option.getClass().getSimpleName()));
      }
      return option;
    }
  }
}
