package dev.wfe.memory;

import dev.wfe.persistence.Claim;
import java.time.Instant;

/** A lease on a workflow or event. Immutable. */
record Lease(String owner, long epoch, int attempt, Instant expiry) {
  boolean isOf(Claim claim) {
    return epoch == claim.epoch() && owner.equals(claim.owner());
  }

  boolean isValidAt(Instant now) {
    return expiry.isAfter(now);
  }

  Lease until(Instant newExpiry) {
    return new Lease(owner, epoch, attempt, newExpiry);
  }

  Lease withAttempt(int newAttempt) {
    return new Lease(owner, epoch, newAttempt, expiry);
  }
}
