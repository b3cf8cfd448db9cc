package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/**
 * What an examination of a store and its database server has found. Immutable and thread-safe.
 *
 * @param severity whether something has to be done
 * @param check a stable name of the check, for filters and alerts: {@code fsync}, {@code
 *     dead-rows}, …
 * @param finding what was found
 * @param reason why it matters for the store
 * @param remedy a statement or command to copy; null if there is nothing to do
 */
public record StoreFinding(
    Severity severity, String check, String finding, String reason, @Nullable String remedy) {
  /** Whether something has to be done. The most severe comes first. */
  public enum Severity {
    /** Data can be lost, or operations fail. */
    CRITICAL,
    /** The store is slower or larger than it has to be, or will be. */
    WARNING,
    /** A fact, or a choice that may be intended. */
    INFO
  }
}
