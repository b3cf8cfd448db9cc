package dev.wfe.host;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.WorkflowWrite;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Describes what a step threw, for the store and the log. Thread-safe. */
final class Failures {
  private static final int MAX_LENGTH = 10_000;

  private Failures() {}

  /**
   * The class and message of the error and its causes; without characters that cannot be stored.
   */
  static String message(Throwable error) {
    StringBuilder text = new StringBuilder();
    int depth = 0;
    for (Throwable cause = error; cause != null && depth < 5; cause = causeOf(cause)) {
      text.append(depth == 0 ? "" : "; caused by ").append(describe(cause));
      depth++;
    }
    boolean isLong = text.length() > MAX_LENGTH;
    if (isLong) {
      text.setLength(MAX_LENGTH);
    }
    String storable = text.toString().replace('\0', '?').replaceAll("[\\ud800-\\udfff]", "?");
    return isLong ? storable + "…" : storable;
  }

  /** Logs a stored write that suspends a workflow because of an error. */
  static void logSuspension(Logger log, WorkflowWrite stored) {
    if (stored.workflow().status() == WorkflowStatus.SUSPENDED && !stored.errors().isEmpty()) {
      log.warn(
          "Workflow {} is suspended because of an error, which its state shows",
          stored.workflow().id());
    }
  }

  private static String describe(Throwable error) {
    try {
      return error.toString();
    } catch (Throwable broken) { // the application's method
      return error.getClass().getName();
    }
  }

  private static @Nullable Throwable causeOf(Throwable error) {
    try {
      return error.getCause();
    } catch (Throwable broken) { // the application's method
      return null;
    }
  }

  /** Logs the message and the error; without its stack trace if it cannot be printed. */
  static void warn(Logger log, String message, Throwable error) {
    try {
      log.warn(message, error);
    } catch (Throwable broken) { // a method of the application's exception
      log.warn("{}: {}", message, message(error));
    }
  }
}
