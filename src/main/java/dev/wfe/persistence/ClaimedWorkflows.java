package dev.wfe.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of {@link LeaseRepository#claimWorkflows}.
 *
 * @param time the database's time at the claim
 * @param workflows the claimed workflows, highest priority first, then earliest due time, ties by
 *     id
 * @param untilNextDue the time until the next workflow of these definitions is due, or the next
 *     valid lease on any workflow expires, or a rate allows more, by the database's clock. Leases
 *     may be left out if looking them up takes long. Null if {@code workflows} is not empty, or
 *     nothing is known
 */
public record ClaimedWorkflows(
    Instant time, List<ClaimedWorkflow> workflows, @Nullable Duration untilNextDue) {
  /** Copies the list. */
  public ClaimedWorkflows {
    workflows = List.copyOf(workflows);
  }
}
