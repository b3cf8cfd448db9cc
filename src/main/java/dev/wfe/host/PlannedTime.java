package dev.wfe.host;

import java.util.Objects;

/**
 * Puts the time for which a start was planned into the data. Without it, all workflows of a {@link
 * Schedule} begin with the same data. Immutable.
 */
public final class PlannedTime implements ScheduleOption {
  private final String field;

  private PlannedTime(String field) {
    this.field = field;
  }

  /**
   * Sets a field of the data to the planned time, as ISO 8601 text in UTC, such as {@code
   * 2026-11-27T01:00:00Z}. Jackson reads it as {@link java.time.Instant} or {@link String}, for
   * example.
   *
   * @param field the name of the field in JSON
   */
  public static PlannedTime in(String field) {
    return new PlannedTime(Objects.requireNonNull(field, "field"));
  }

  String field() {
    return field;
  }
}
