package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ExecutionError;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Errors as rows of {@code execution_errors}. */
public final class ErrorRows {
  private ErrorRows() {}

  /** The columns of the error. */
  public static Map<String, @Nullable Object> row(ExecutionError error) {
    Map<String, @Nullable Object> row = new HashMap<>();
    row.put("error_time", Instants.text(error.errorTime()));
    row.put("workflow_id", error.workflowId());
    row.put("execution_pointer_id", error.executionPointerId());
    row.put("message", error.message());
    return row;
  }
}
