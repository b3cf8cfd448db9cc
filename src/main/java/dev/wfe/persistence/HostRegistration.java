package dev.wfe.persistence;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a host says about itself.
 *
 * @param id identifies this run of the host among all; not empty. A host that is started again has
 *     another id, and two hosts that were given the same name have two ids
 * @param name the owner of its leases; not empty
 * @param version the version of the library, or null if it is unknown
 * @param age for how long the host has been running, by its own clock; 0 to 100,000 days. It counts
 *     when the row is new
 * @param validity for how long the host counts as live after this heartbeat, by the database's
 *     clock; 1 millisecond to {@value #MAX_VALIDITY_DAYS} day
 * @param definitions what it executes; up to {@value ClaimRequest#MAX_DEFINITIONS}
 */
public record HostRegistration(
    String id,
    String name,
    @Nullable String version,
    Duration age,
    Duration validity,
    List<HostedDefinition> definitions) {
  /** The longest validity, in days. */
  public static final int MAX_VALIDITY_DAYS = 1;

  /** Copies the list. The fields are checked when the value is used. */
  public HostRegistration {
    definitions = ListCopies.of(definitions);
  }
}
