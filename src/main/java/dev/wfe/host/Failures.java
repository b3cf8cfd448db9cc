package dev.wfe.host;

/** Turns what a step threw into the message that is stored. Thread-safe. */
final class Failures {
  private static final int MAX_LENGTH = 10_000;

  private Failures() {}

  /**
   * The class and message of the error and its causes; without characters that cannot be stored.
   */
  static String message(Throwable error) {
    StringBuilder text = new StringBuilder();
    int depth = 0;
    for (Throwable cause = error; cause != null && depth < 5; cause = cause.getCause()) {
      text.append(depth == 0 ? "" : "; caused by ").append(describe(cause));
      depth++;
    }
    String storable = text.toString().replace('\0', '?').replaceAll("[\\ud800-\\udfff]", "?");
    return storable.length() <= MAX_LENGTH ? storable : storable.substring(0, MAX_LENGTH) + "…";
  }

  private static String describe(Throwable error) {
    try {
      return error.toString();
    } catch (RuntimeException | StackOverflowError broken) {
      return error.getClass().getName();
    }
  }
}
