package dev.wfe.host;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Schedule} does with times that have passed while no host was running or the
 * database was away. Immutable and thread-safe.
 */
public final class MissedStarts implements ScheduleOption {
  /** The largest number of workflows that are started together. */
  private static final int MAX = 100;

  private static final Duration LONGEST = Duration.ofDays(3_650);
  private static final Duration FIRST_WINDOW = Duration.ofMinutes(1);
  private static final MissedStarts LATEST = new MissedStarts(1, null);

  private final int limit;
  private final @Nullable Duration late;

  private MissedStarts(int limit, @Nullable Duration late) {
    this.limit = limit;
    this.late = late;
  }

  /** One workflow is started, for the latest of these times. This is the default. */
  public static MissedStarts latest() {
    return LATEST;
  }

  /**
   * A workflow is started for each of these times, the earliest first.
   *
   * @param limit 1 to {@value #MAX}. If there are more times, the latest ones count
   */
  public static MissedStarts all(int limit) {
    if (limit < 1 || limit > MAX) {
      throw new WorkflowDefinitionException(
          "The limit of missed starts is %s, not between 1 and %s".formatted(limit, MAX));
    }
    return new MissedStarts(limit, null);
  }

  /**
   * As {@link #latest}, if that time has passed by no more than the duration. If not, nothing is
   * started.
   *
   * @param duration 1 second to 3,650 days
   */
  public static MissedStarts notLaterThan(Duration duration) {
    Objects.requireNonNull(duration, "duration");
    if (duration.compareTo(Duration.ofSeconds(1)) < 0 || duration.compareTo(LONGEST) > 0) {
      throw new WorkflowDefinitionException(
          "A start can be late by 1 second to %s, not by %s".formatted(LONGEST, duration));
    }
    return new MissedStarts(1, duration);
  }

  int limit() {
    return limit;
  }

  @Nullable Duration late() {
    return late;
  }

  /**
   * Returns the times for which a workflow is started, in order.
   *
   * @param first the first time that has passed
   */
  List<Instant> times(Recurrence recurrence, Instant first, Instant now) {
    Instant earliest = late == null || now.minus(late).isBefore(first) ? first : now.minus(late);
    // There may be millions of times, and a few are wanted: looks back in growing windows.
    for (Duration window = FIRST_WINDOW; ; window = window.multipliedBy(2)) {
      boolean isWhole = !now.minus(window).isAfter(earliest);
      Deque<Instant> found = new ArrayDeque<>();
      Instant from = isWhole ? earliest : now.minus(window);
      for (Instant time = recurrence.next(from.minusNanos(1));
          !time.isAfter(now);
          time = recurrence.next(time)) {
        found.add(time);
        if (found.size() > limit) {
          found.remove();
        }
      }
      if (isWhole || found.size() == limit) {
        return List.copyOf(found);
      }
    }
  }
}
