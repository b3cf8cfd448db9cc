package dev.wfe.host;

import com.fasterxml.jackson.databind.JavaType;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
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

  /**
   * A choice between several branches.
   *
   * @param cases the texts of the values that have a case
   * @param hasOtherwise whether there is a branch for other values
   */
  record Switch<D>(Function<D, @Nullable Object> value, Set<String> cases, boolean hasOtherwise)
      implements Node<D> {
    /** Copies the cases. */
    public Switch {
      cases = Set.copyOf(cases);
    }

    @Override
    public String kind() {
      return "switch";
    }

    static String edge(String text) {
      return "case " + text;
    }
  }

  /** Branches that are executed at the same time. */
  record Parallel<D>(int branches) implements Node<D> {
    @Override
    public String kind() {
      return "parallel";
    }

    static final String BRANCH = "branch ";

    static String edge(int branch) {
      return BRANCH + branch;
    }
  }

  /**
   * Steps that are repeated.
   *
   * @param kept of how many iterations the pointers are kept
   */
  record While<D>(Function<D, Boolean> condition, int kept) implements Node<D> {
    @Override
    public String kind() {
      return "while";
    }
  }

  /**
   * A small workflow for each of several items.
   *
   * @param concurrency how many items are under way at a time
   * @param kept of how many items the pointers are kept
   */
  record ForEach<D>(Function<D, ? extends Collection<?>> items, int concurrency, int kept)
      implements Node<D> {
    @Override
    public String kind() {
      return "forEach";
    }
  }

  /** One of the items, whose steps see it instead of the workflow's data. */
  record Item<D, I>(JavaType type, Merge<D, I> merge) implements Node<D> {
    @Override
    public String kind() {
      return "item";
    }
  }

  /** Steps that are compensated if one of them fails. */
  record Saga<D>() implements Node<D> {
    @Override
    public String kind() {
      return "saga";
    }
  }

  /** The end of a saga that has to be compensated. */
  record Compensate<D>(Function<D, String> reason) implements Node<D> {
    @Override
    public String kind() {
      return "compensate";
    }
  }

  /** The end of the workflow, whatever else is under way. */
  record End<D>() implements Node<D> {
    @Override
    public String kind() {
      return "end";
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

  /** A workflow that is started and waited for. */
  record Child<D, C>(Workflow<C> workflow, Options options, Function<D, C> data, Merge<D, C> merge)
      implements Node<D> {
    @Override
    public String kind() {
      return "child";
    }
  }

  /**
   * The only step of a schedule, which starts workflows again and again.
   *
   * @param workflow what it starts
   */
  record Recur<D>(Graph<?> workflow) implements Node<D> {
    @Override
    public String kind() {
      return "recur";
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

  /** The options of a block that repeats its steps. */
  record Loop(int concurrency, int kept) {
    static Loop of(List<LoopOption> options) {
      Concurrency concurrency = null;
      History history = null;
      for (LoopOption option : options) {
        if (option instanceof Concurrency given) {
          concurrency = once(concurrency, given);
        } else if (option instanceof History given) {
          history = once(history, given);
        }
      }
      return new Loop(
          concurrency == null ? 1 : concurrency.limit(),
          (history == null ? History.STANDARD : history).iterations());
    }
  }

  /** The options of an executed step. */
  record Options(
      RetryPolicy retry, AfterLastAttempt afterLastAttempt, @Nullable Duration timeLimit) {
    /** Takes the options that are given, and the standards for the others. */
    static Options of(
        RetryPolicy standardRetry, AfterLastAttempt standardAfter, List<StepOption> options) {
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
          retry == null ? standardRetry : retry,
          after == null ? standardAfter : after,
          limit == null ? null : limit.duration());
    }
  }

  private static <T> T once(@Nullable T before, T option) {
    if (before != null) {
      throw new WorkflowDefinitionException(
          "A step has the option %s twice".formatted(option.getClass().getSimpleName()));
    }
    return option;
  }
}
