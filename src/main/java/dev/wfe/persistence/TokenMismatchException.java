package dev.wfe.persistence;

import java.util.List;

/**
 * The subscription exists, but is not held under the token that was given; nothing was changed.
 * Also a {@link NotFoundException}, for callers who tell the two apart no more than the origin did.
 * Calling again does not help.
 */
public final class TokenMismatchException extends NotFoundException {
  private static final long serialVersionUID = 1L;

  /** Of the subscription; the tokens stay out of the message. */
  public TokenMismatchException(String subscriptionId) {
    super(
        Subject.SUBSCRIPTION,
        List.of(subscriptionId),
        "Subscription %s is not held under the given token"
            .formatted(Messages.quote(subscriptionId)));
  }
}
