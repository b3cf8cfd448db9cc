package dev.wfe.host;

import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.WorkflowWrite;
import java.util.Objects;
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

  /** Logs a stored write that suspends a workflow because of errors. */
  static void logSuspension(Logger log, WorkflowWrite stored) {
    LiveWorkflow workflow = stored.workflow();
    if (workflow.status() == WorkflowStatus.SUSPENDED) {
      for (ExecutionError error : stored.errors()) {
        log.error(
            "Workflow {} is suspended, because step '{}' failed: {}",
            workflow.id(),
            stepName(workflow, error.executionPointerId()),
            error.message());
      }
    }
  }

  private static @Nullable String stepName(LiveWorkflow workflow, String pointerId) {
    return workflow.pointers().stream()
        .filter(pointer -> pointer.id().equals(pointerId))
        .map(ExecutionPointer::stepName)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
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

  /** Logs the message and the error in one line; its stack trace only if details are wanted. */
  static void warnBriefly(Logger log, String message, Throwable error) {
    log.warn("{}: {}", message, message(error));
    if (log.isDebugEnabled()) {
      warn(log, message, error);
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
