package dev.wfe.persistence;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A position in a list that is ordered by time and then by id.
 *
 * @param time an event's time or an instance's {@code nextExecution}, truncated to microseconds
 * @param id the id of the event or instance
 */
public record Position(Instant time, String id) {
  /** Truncates the time. Null is accepted here and rejected when the position is used. */
  public Position {
    time = time == null ? time : time.truncatedTo(ChronoUnit.MICROS);
  }
}
