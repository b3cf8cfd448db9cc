package dev.wfe.memory;

import dev.wfe.persistence.Claim;
import java.time.Instant;

/**
 * A lease on a workflow or event. Immutable.
 *
 * @param limited whether it counts against the limits of the definition
 */
record Lease(String owner, long epoch, int attempt, Instant expiry, boolean limited) {
  boolean isOf(Claim claim) {
    return epoch == claim.epoch() && owner.equals(claim.owner());
  }

  boolean isValidAt(Instant now) {
    return expiry.isAfter(now);
  }

  Lease until(Instant newExpiry) {
    return new Lease(owner, epoch, attempt, newExpiry, limited);
  }

  Lease withAttempt(int newAttempt) {
    return new Lease(owner, epoch, newAttempt, expiry, limited);
  }
}
