package dev.wfe.persistence;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How often an error occurred.
 *
 * @param definitionId the definition of the workflows; null for workflows that were deleted
 * @param message the first {@value #MESSAGE_CHARS} characters of the message
 * @param count how many errors begin so
 * @param latest when the latest of them occurred
 */
public record ErrorCount(
    @Nullable String definitionId, String message, long count, Instant latest) {
  /** How much of messages is compared and shown. */
  public static final int MESSAGE_CHARS = 200;
}
