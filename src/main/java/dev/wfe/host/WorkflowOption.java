package dev.wfe.host;

import dev.wfe.model.Priority;
import dev.wfe.persistence.ClaimLimits;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * An option of a workflow: how many of its instances are executed at a time or in a period, and in
 * which order. The database counts for all hosts together, and for all versions of the workflow. If
 * a host knows several versions, the options of the newest one hold for it; hosts that execute the
 * workflow without a limit are not counted.
 *
 * <p>An instance is executed from when a host takes it up until nothing can go on in it: until it
 * has ended, sleeps, or waits for an event, an activity or a child. What waits uses up no limit. A
 * limit holds while hosts stop, are killed, or lose the database; a host that does not notice in
 * time that it has lost its lease may still be executing a step when the next one begins.
 *
 * <p>Options are not part of the stored definition: they can be changed without a new version.
 * Immutable.
 *
 * @param <D> the class of the workflow's data
 */
public final class WorkflowOption<D> {
  private final String name;
  private final UnaryOperator<InstanceLimits<D>> change;

  private WorkflowOption(String name, UnaryOperator<InstanceLimits<D>> change) {
    this.name = name;
    this.change = change;
  }

  /**
   * Limits how many instances are executed at a time.
   *
   * @param most at least 1
   * @throws WorkflowDefinitionException if it is less
   */
  public static <D> WorkflowOption<D> concurrency(int most) {
    requirePositive("A concurrency", most);
    return new WorkflowOption<>("concurrency", limits -> limits.withAtATime(most));
  }

  /**
   * Limits how many instances with the same key are executed at a time.
   *
   * @param most at least 1
   * @param key a pure function of the data with which the instance is started; at most 1,024 bytes
   *     of UTF-8. The key is stored, and does not change with the data. Null: the instance is not
   *     limited by key
   * @throws WorkflowDefinitionException if {@code most} is less than 1
   */
  public static <D> WorkflowOption<D> concurrencyPerKey(int most, Function<? super D, String> key) {
    requirePositive("A concurrency", most);
    Objects.requireNonNull(key, "key");
    return new WorkflowOption<>("concurrencyPerKey", limits -> limits.withAtATimePerKey(most, key));
  }

  /**
   * Limits how many instances hosts take up in a period. Each time counts at which a host takes up
   * an instance: when it begins, when it goes on after it has slept or waited, also before the next
   * attempt of a step, and when it takes it over from a host that has died. So an instance that is
   * executed without a pause counts once.
   *
   * @param most the largest number in any period of that length, by the database's clock; at least
   *     1
   * @param period from a millisecond to 366 days
   * @throws WorkflowDefinitionException if one of them is out of range
   */
  public static <D> WorkflowOption<D> rate(int most, Duration period) {
    requirePositive("A rate", most);
    if (period.compareTo(Duration.ofMillis(1)) < 0
        || period.compareTo(Duration.ofDays(ClaimLimits.MAX_PERIOD_DAYS)) > 0) {
      throw new WorkflowDefinitionException(
          "The period of a rate has to be between 1 millisecond and %s days, not %s"
              .formatted(ClaimLimits.MAX_PERIOD_DAYS, period));
    }
    return new WorkflowOption<>(
        "rate", limits -> limits.withRate(new ClaimLimits.Rate(most, period)));
  }

  /**
   * Gives instances a priority. Those of a higher one are taken up first; instances of one priority
   * in the order in which they became due. A workflow's priorities do not delay other workflows.
   *
   * @param priority a pure function of the data with which the instance is started. The priority is
   *     stored, and does not change with the data
   */
  public static <D> WorkflowOption<D> priority(Function<? super D, Priority> priority) {
    Objects.requireNonNull(priority, "priority");
    return new WorkflowOption<>("priority", limits -> limits.withPriority(priority));
  }

  private static void requirePositive(String what, int number) {
    if (number < 1) {
      throw new WorkflowDefinitionException(
          "%s has to be at least 1, not %s".formatted(what, number));
    }
  }

  String name() {
    return name;
  }

  InstanceLimits<D> apply(InstanceLimits<D> limits) {
    return change.apply(limits);
  }
}
