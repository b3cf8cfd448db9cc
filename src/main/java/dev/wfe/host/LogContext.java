package dev.wfe.host;

import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Names what the calling thread executes in the MDC of SLF4J, so that what the application's code
 * logs can be found by it. Thread-safe.
 */
final class LogContext {
  static final String WORKFLOW = "wfe.workflow";
  static final String STEP = "wfe.step";
  static final String ACTIVITY = "wfe.activity";

  private LogContext() {}

  /** The thread begins to execute a step. */
  static void enterStep(String workflowId, String step) {
    MDC.put(WORKFLOW, workflowId);
    MDC.put(STEP, step);
  }

  /** The thread begins to do an activity. */
  static void enterActivity(String workflowId, String type) {
    MDC.put(WORKFLOW, workflowId);
    MDC.put(ACTIVITY, type);
  }

  /** Runs a function of a step in a thread that may execute something else otherwise. */
  static void within(String workflowId, String step, Runnable work) {
    String outerWorkflow = MDC.get(WORKFLOW);
    String outerStep = MDC.get(STEP);
    enterStep(workflowId, step);
    try {
      work.run();
    } finally {
      set(WORKFLOW, outerWorkflow);
      set(STEP, outerStep);
    }
  }

  private static void set(String key, @Nullable String value) {
    if (value == null) {
      MDC.remove(key);
    } else {
      MDC.put(key, value);
    }
  }

  /** The step or the activity has ended. */
  static void leave() {
    MDC.remove(WORKFLOW);
    MDC.remove(STEP);
    MDC.remove(ACTIVITY);
  }
}
