package dev.wfe.persistence;

import java.util.List;

/**
 * A write names a claim whose lease was released, taken over by another host, or ended by a claim
 * under limits; nothing was written. Not retryable: the same call fails again. Stop working on the
 * workflow.
 */
public final class LeaseLostException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception for the claim. */
  public LeaseLostException(Claim claim) {
    super(
        "The lease of host %s on %s %s has ended; another host may have taken it over"
            .formatted(
                Messages.quote(claim.owner()), claim.subject().label(), Messages.quote(claim.id())),
        false,
        List.of(claim.id()),
        null);
  }
}
