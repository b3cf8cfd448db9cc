package dev.wfe.bench.operations;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sets parameters by position, in the order of the tables' columns, as hand-written code does. */
final class Values {
  /** The columns that {@link #workflow} sets: all except the key and the data. */
  static final String WORKFLOW =
      "name, root_workflow_id, definition_id, version, description, reference, status,"
          + " next_execution, create_time, complete_time";

  /** The columns that {@link #pointer} sets: all except the key and the workflow. */
  static final String POINTER =
      "step_id, active, status, sleep_until, persistence_data, start_time, end_time, event_name,"
          + " event_key, event_published, event_data, step_name, retry_count, children,"
          + " context_item, predecessor_id, outcome, scope, extension_attributes";

  /** The parameters of {@link #POINTER}. */
  static final String POINTER_PARAMETERS =
      "?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?::jsonb, ?::jsonb, ?, ?::jsonb,"
          + " ?::jsonb, ?::jsonb";

  /** The columns that {@link #subscription} sets. */
  static final String SUBSCRIPTION =
      "id, workflow_id, step_id, execution_pointer_id, event_name, event_key, subscribe_as_of,"
          + " subscription_data";

  private Values() {}

  /** Returns the next position. */
  static int workflow(PreparedStatement statement, int first, WorkflowInstance instance)
      throws SQLException {
    int at = first;
    statement.setString(at++, instance.name());
    statement.setString(at++, instance.rootWorkflowId());
    statement.setString(at++, instance.workflowDefinitionId());
    statement.setInt(at++, instance.version());
    statement.setString(at++, instance.description());
    statement.setString(at++, instance.reference());
    statement.setString(at++, instance.status().word());
    if (instance.nextExecution() == null) {
      statement.setNull(at++, Types.BIGINT);
    } else {
      statement.setLong(at++, instance.nextExecution());
    }
    time(statement, at++, instance.createTime());
    time(statement, at++, instance.completeTime());
    return at;
  }

  /** Returns the next position. */
  static int pointer(PreparedStatement statement, int first, ExecutionPointer pointer)
      throws SQLException {
    int at = first;
    statement.setInt(at++, pointer.stepId());
    statement.setBoolean(at++, pointer.active());
    statement.setString(at++, pointer.status().word());
    time(statement, at++, pointer.sleepUntil());
    statement.setString(at++, text(pointer.persistenceData()));
    time(statement, at++, pointer.startTime());
    time(statement, at++, pointer.endTime());
    statement.setString(at++, pointer.eventName());
    statement.setString(at++, pointer.eventKey());
    statement.setBoolean(at++, pointer.eventPublished());
    statement.setString(at++, text(pointer.eventData()));
    statement.setString(at++, pointer.stepName());
    statement.setInt(at++, pointer.retryCount());
    statement.setString(at++, list(pointer.children()));
    statement.setString(at++, text(pointer.contextItem()));
    statement.setString(at++, pointer.predecessorId());
    statement.setString(at++, text(pointer.outcome()));
    statement.setString(at++, list(pointer.scope()));
    statement.setString(at++, "{}");
    return at;
  }

  /** Returns the next position. */
  static int subscription(PreparedStatement statement, int first, EventSubscription subscription)
      throws SQLException {
    int at = first;
    statement.setString(at++, subscription.id());
    statement.setString(at++, subscription.workflowId());
    statement.setInt(at++, subscription.stepId());
    statement.setString(at++, subscription.executionPointerId());
    statement.setString(at++, subscription.eventName());
    statement.setString(at++, subscription.eventKey());
    time(statement, at++, subscription.subscribeAsOf());
    statement.setString(at++, text(subscription.subscriptionData()));
    return at;
  }

  static void time(PreparedStatement statement, int at, @Nullable Instant time)
      throws SQLException {
    if (time == null) {
      statement.setNull(at, Types.TIMESTAMP_WITH_TIMEZONE);
    } else {
      statement.setObject(at, time.atOffset(ZoneOffset.UTC));
    }
  }

  static @Nullable String text(@Nullable Object json) {
    return json == null ? null : json.toString();
  }

  private static String list(List<String> ids) {
    return ids.isEmpty() ? "[]" : "[\"" + String.join("\",\"", ids) + "\"]";
  }
}
