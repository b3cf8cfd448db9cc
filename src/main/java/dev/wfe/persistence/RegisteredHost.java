package dev.wfe.persistence;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A host that has registered itself. All times are the database's. Immutable.
 *
 * @param id identifies this run of the host
 * @param name the owner of its leases
 * @param version the version of the library, or null if it is unknown
 * @param startedAt when it was started
 * @param lastSeenAt when its last heartbeat was
 * @param expiresAt until when it counts as live if it gives no other one
 * @param live whether it was live when the row was read
 * @param definitions what it executes
 */
public record RegisteredHost(
    String id,
    String name,
    @Nullable String version,
    Instant startedAt,
    Instant lastSeenAt,
    Instant expiresAt,
    boolean live,
    List<HostedDefinition> definitions) {
  /** Copies the list. */
  public RegisteredHost {
    definitions = List.copyOf(definitions);
  }
}
