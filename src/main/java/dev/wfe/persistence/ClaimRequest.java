package dev.wfe.persistence;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which workflows or events a host wants to claim.
 *
 * @param owner identifies the host; not empty
 * @param definitions the definitions that the host knows; up to {@value #MAX_DEFINITIONS}. Other
 *     workflows, and events for these alone, are left to other hosts
 * @param limit the largest number of workflows or events, 1 to {@value #MAX_LIMIT}
 * @param maxBytes claiming stops after the workflow or event with which the stored size of the data
 *     (as PostgreSQL compressed it) reaches this number of bytes; at least 1. One is always
 *     claimed, however large it is
 * @param lease how long the leases last, counted by the database's clock; 1 millisecond to {@value
 *     #MAX_LEASE_DAYS} days
 * @param limits the limits of definitions, by their ids, for all versions together. Only leases
 *     that were taken under limits count, so all hosts that execute a definition have to name them.
 *     Claims of events ignore them
 */
public record ClaimRequest(
    String owner,
    List<DefinitionVersion> definitions,
    int limit,
    long maxBytes,
    Duration lease,
    Map<String, ClaimLimits> limits) {
  /** The largest number of definitions in a request. */
  public static final int MAX_DEFINITIONS = 1_000;

  /** The largest number of workflows or events that one call claims. */
  public static final int MAX_LIMIT = 1_000;

  /** The longest lease, in days. */
  public static final int MAX_LEASE_DAYS = 1;

  /** Copies list and map. The fields are checked when the request is used. */
  public ClaimRequest {
    definitions = ListCopies.of(definitions);
    limits = limits == null ? limits : Collections.unmodifiableMap(new LinkedHashMap<>(limits));
  }

  /** A request without limits. */
  public ClaimRequest(
      String owner, List<DefinitionVersion> definitions, int limit, long maxBytes, Duration lease) {
    this(owner, definitions, limit, maxBytes, lease, Map.of());
  }
}
