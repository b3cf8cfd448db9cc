package dev.wfe.postgres.internal.sql;

import java.util.List;

/**
 * Describes a call of an operation of the persistence interfaces, for retries and error messages.
 * Immutable.
 *
 * @param name the name of the method that was called
 * @param effect whether it writes, and whether it is safe to repeat
 * @param ids the ids that it is about, given by the caller or assigned by the operation
 */
public record Operation(String name, Effect effect, List<String> ids) {
  /** The effect of an operation on the store. */
  public enum Effect {
    /** Reads only. */
    READ,
    /** Writes; after an ambiguous outcome, a second call could have a second effect. */
    WRITE,
    /** Writes; after an ambiguous outcome, a second call is safe. */
    REPEATABLE_WRITE
  }

  /** An operation that only reads. */
  public static Operation reading(String name, List<String> ids) {
    return new Operation(name, Effect.READ, ids);
  }

  /** An operation that writes and is not safe to repeat after an ambiguous outcome. */
  public static Operation writing(String name, List<String> ids) {
    return new Operation(name, Effect.WRITE, ids);
  }

  /** An operation that writes and is safe to repeat after an ambiguous outcome. */
  public static Operation repeatable(String name, List<String> ids) {
    return new Operation(name, Effect.REPEATABLE_WRITE, ids);
  }

  /** Whether the operation writes. */
  public boolean writes() {
    return effect != Effect.READ;
  }

  /** Whether the operation may be repeated after an ambiguous outcome. */
  public boolean safeToRepeat() {
    return effect != Effect.WRITE;
  }
}
