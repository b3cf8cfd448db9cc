package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connection broke after a write was sent and before its answer came, or the wait for the
 * standby that was to confirm it was broken off: it may or may not be stored, or not stay stored if
 * that standby takes over. {@link #retryable()} says whether making the same call again is safe in
 * both cases.
 *
 * <p>Which of the two it was can be asked: after a persist by {@link
 * WorkflowRepository#findPersisted}; after a creation by reading what {@link #ids()} names,
 * assigned ids included; after a token was set by reading whose token the subscription holds.
 */
public final class UnknownOutcomeException extends StoreException {
  private static final long serialVersionUID = 1L;

  /**
   * The write's outcome is unknown.
   *
   * @param verb the verb that was called
   * @param safeToRepeat whether the same call again is safe, whichever way it went
   * @param ids the ids that it spoke of or assigned
   * @param cause what broke
   */
  public UnknownOutcomeException(
      String verb, boolean safeToRepeat, List<String> ids, @Nullable Throwable cause) {
    super(
        "%s was sent and not confirmed: it is unknown whether it is stored (%s)"
            .formatted(verb, safeToRepeat ? "calling again is safe" : "look before calling again"),
        safeToRepeat,
        ids,
        cause);
  }
}
