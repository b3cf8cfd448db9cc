package dev.wfe.postgres.internal.sql;

import java.util.List;

/**
 * One operation of the persistence interfaces, as failures speak of it. Immutable.
 *
 * @param name of the method that the caller called
 * @param effect what it does to the store
 * @param ids of what it is about; the caller's, or assigned by the operation
 */
public record Operation(String name, Effect effect, List<String> ids) {
  /** What an operation does to the store. */
  public enum Effect {
    /** It only reads. */
    READ,
    /** It writes, and calling it again after an unknown outcome could have a second effect. */
    WRITE,
    /** It writes, and calling it again after an unknown outcome is safe. */
    REPEATABLE_WRITE
  }

  /** One that only reads. */
  public static Operation reading(String name, List<String> ids) {
    return new Operation(name, Effect.READ, ids);
  }

  /** As {@link #reading(String, List)}, about one id. */
  public static Operation reading(String name, String id) {
    return reading(name, List.of(id));
  }

  /** One that writes, and is not safe to call again when its outcome is unknown. */
  public static Operation writing(String name, List<String> ids) {
    return new Operation(name, Effect.WRITE, ids);
  }

  /** One that writes, and is safe to call again when its outcome is unknown. */
  public static Operation repeatable(String name, List<String> ids) {
    return new Operation(name, Effect.REPEATABLE_WRITE, ids);
  }

  /** As {@link #repeatable(String, List)}, about one id. */
  public static Operation repeatable(String name, String id) {
    return repeatable(name, List.of(id));
  }

  /** Whether it writes. */
  public boolean writes() {
    return effect != Effect.READ;
  }

  /** Whether it may be called again when it is unknown whether it had its effect. */
  public boolean safeToRepeat() {
    return effect != Effect.WRITE;
  }
}
