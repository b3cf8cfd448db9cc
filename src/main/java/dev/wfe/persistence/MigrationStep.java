package dev.wfe.persistence;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A step by which a store is created or upgraded. Immutable and thread-safe.
 *
 * @param version orders the steps
 * @param description what the step is about
 * @param state whether it was applied
 * @param appliedAt when it was applied, by the database's clock; null if it was not
 * @param sql the statements of the step, for this store's schema and table prefix. A step that
 *     builds indexes also replaces those of the same name that differ; its statements here do not.
 *     Null if the statements depend on what is stored, or if the step belongs to a newer version of
 *     the library
 */
public record MigrationStep(
    String version,
    String description,
    State state,
    @Nullable Instant appliedAt,
    @Nullable String sql) {
  /** Whether a step was applied. */
  public enum State {
    /** This version of the library knows the step, and it was applied. */
    APPLIED,
    /** The step is missing: the store is older than this version of the library. */
    PENDING,
    /** A newer version of the library has applied the step. */
    NEWER
  }
}
