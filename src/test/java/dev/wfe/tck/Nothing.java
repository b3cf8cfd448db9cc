package dev.wfe.tck;

/** Null, as careless callers pass it. */
public final class Nothing {
  private Nothing() {}

  /** Null where the type forbids it. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // the point is to break the rule
  static <T> T nothing() {
    return null;
  }
}
