package dev.wfe.persistence;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A place in a list that is ordered by time and then by id.
 *
 * @param time an event's time or an instance's {@code nextExecution}, cut to the microsecond
 * @param id the id of the event or instance
 */
public record Position(Instant time, String id) {
  /** Tolerates a misplaced null, which is refused when the position is used. */
  public Position {
    time = time == null ? time : time.truncatedTo(ChronoUnit.MICROS);
  }
}
