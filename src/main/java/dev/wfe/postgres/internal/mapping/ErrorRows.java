package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ExecutionError;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Errors as rows of {@code execution_errors}. */
public final class ErrorRows {
  static final String TABLE = "execution_errors";

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

  /** The error in the row. */
  static <X extends Exception> ExecutionError read(Row<X> row) throws X {
    return new ExecutionError(
        row.instant("error_time"),
        row.text("workflow_id"),
        row.text("execution_pointer_id"),
        row.text("message"));
  }
}
