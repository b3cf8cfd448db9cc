package dev.wfe.memory;

import dev.wfe.model.Event;
import dev.wfe.persistence.Position;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stored event. Immutable.
 *
 * @param event the event with its time
 * @param lease the lease on it, which may have expired; or null
 */
record EventRow(Event event, @Nullable Lease lease) {
  Position position() {
    return new Position(Objects.requireNonNull(event.eventTime()), event.id());
  }

  EventRow marked(boolean processed) {
    return new EventRow(event.toBuilder().processed(processed).build(), lease);
  }

  EventRow with(@Nullable Lease newLease) {
    return new EventRow(event, newLease);
  }
}
