package dev.wfe.persistence;

import java.util.List;

/**
 * The subscription exists, but its token is not the given one; nothing was changed. Not retryable.
 * It extends {@link NotFoundException} because the Rust provider reports both cases as not found.
 */
public final class TokenMismatchException extends NotFoundException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. The message contains no token. */
  public TokenMismatchException(String subscriptionId) {
    super(
        Subject.SUBSCRIPTION,
        List.of(subscriptionId),
        "The token of subscription %s is not the given one"
            .formatted(Messages.quote(subscriptionId)));
  }
}
