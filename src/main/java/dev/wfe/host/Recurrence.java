package dev.wfe.host;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * The times at which a {@link Schedule} starts its workflow. Needs the library {@code
 * com.cronutils:cron-utils} on the class path. Immutable and thread-safe.
 */
public sealed interface Recurrence permits CronRecurrence, IntervalRecurrence {
  /**
   * The times of a cron expression, in a time zone.
   *
   * <p>When clocks are put forward, local times that do not exist are replaced by the moment of the
   * change; if there are several, they count once. When clocks are put back, local times that exist
   * twice count once, at their first occurrence. If the field of hours begins with {@code *}, both
   * is different: the local times that do not exist are left out, and those that exist twice count
   * twice, so that the pauses stay the same.
   *
   * @param expression five fields, as in crontab: minute, hour, day of the month, month, day of the
   *     week. If neither field of days is {@code *}, one of them has to match
   * @throws WorkflowDefinitionException if the expression is wrong or never matches, or if the
   *     library is missing
   */
  static Recurrence cron(String expression, ZoneId zone) {
    return new CronRecurrence(expression, zone);
  }

  /**
   * The multiples of the interval since 1970-01-01T00:00:00Z. So each hour begins at the full hour
   * of UTC, whenever the schedule was stored.
   *
   * @param interval 1 second to 3,650 days
   * @throws WorkflowDefinitionException if the interval is out of range, or if the library is
   *     missing
   */
  static Recurrence every(Duration interval) {
    return new IntervalRecurrence(interval);
  }

  /** The first time after the given one. */
  Instant next(Instant after);
}
