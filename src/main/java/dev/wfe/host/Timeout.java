package dev.wfe.host;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The longest time that a workflow waits for an event, and what happens then. The time is counted
 * by the database's clock from the moment at which the wait is stored; it goes on while the
 * workflow is suspended. After what happens on a time-out, the workflow goes on with the step
 * behind the wait. Immutable.
 *
 * @param <D> the class of the workflow's data
 */
public final class Timeout<D> {
  private final Duration duration;
  private final Consumer<? super Branch<D>> steps;

  private Timeout(Duration duration, Consumer<? super Branch<D>> steps) {
    this.duration = duration;
    this.steps = Objects.requireNonNull(steps, "steps");
  }

  /**
   * Begins a time-out; say what happens then.
   *
   * @param duration positive
   */
  public static Action after(Duration duration) {
    Objects.requireNonNull(duration, "duration");
    if (duration.compareTo(Duration.ofMillis(1)) < 0
        || duration.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new WorkflowDefinitionException(
          "A time-out has to be between 1 millisecond and 36,500 days, not " + duration);
    }
    return new Action(duration);
  }

  Duration duration() {
    return duration;
  }

  Consumer<? super Branch<D>> steps() {
    return steps;
  }

  /**
   * What happens on a time-out.
   *
   * @param duration after which time
   */
  public record Action(Duration duration) {
    /** The workflow executes these steps. */
    public <D> Timeout<D> branch(Consumer<? super Branch<D>> steps) {
      return new Timeout<>(duration, steps);
    }

    /** The data is changed: {@code branch(late -> late.update(name, change))}. */
    public <D> Timeout<D> update(String name, UnaryOperator<D> change) {
      return new Timeout<>(duration, late -> late.update(name, change));
    }

    /** Nothing else happens: the workflow goes on with the step after the wait. */
    public <D> Timeout<D> goOn() {
      return new Timeout<>(duration, late -> {});
    }
  }
}
