package dev.wfe.postgres.interoperability;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.entity.InstantColumn;
import dev.wfe.postgres.internal.mapping.SampleValues;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How the Rust provider writes and reads rows: by name, failing on a NULL or an unknown word. */
final class RustProviderRows {
  private RustProviderRows() {}

  static List<@Nullable Object> parameters(WorkflowInstance instance) {
    return new ArrayList<>(
        Arrays.asList(
            instance.id(),
            instance.name(),
            instance.rootWorkflowId(),
            instance.workflowDefinitionId(),
            instance.version(),
            instance.description(),
            instance.reference(),
            instance.status().word(),
            instance.data(),
            instance.nextExecution(),
            instance.createTime(),
            instance.completeTime()));
  }

  static List<@Nullable Object> parameters(String workflowId, ExecutionPointer pointer) {
    ObjectMapper mapper = new ObjectMapper();
    return Arrays.asList(
        pointer.id(),
        workflowId,
        pointer.stepId(),
        pointer.active(),
        pointer.status().word(),
        pointer.sleepUntil(),
        pointer.persistenceData(),
        pointer.startTime(),
        pointer.endTime(),
        pointer.eventName(),
        pointer.eventKey(),
        pointer.eventPublished(),
        pointer.eventData(),
        pointer.stepName(),
        pointer.retryCount(),
        mapper.valueToTree(pointer.children()),
        pointer.contextItem(),
        pointer.predecessorId(),
        pointer.outcome(),
        mapper.valueToTree(pointer.scope()),
        mapper.valueToTree(pointer.extensionAttributes()));
  }

  static WorkflowInstance workflow(ResultSet row, List<ExecutionPointer> pointers)
      throws SQLException {
    String status = text(row, "status");
    return WorkflowInstance.builder(text(row, "definition_id"), row.getInt("version"))
        .id(text(row, "id"))
        .name(text(row, "name"))
        .rootWorkflowId(row.getString("root_workflow_id"))
        .description(row.getString("description"))
        .reference(row.getString("reference"))
        .executionPointers(pointers)
        .nextExecution((Long) row.getObject("next_execution"))
        .status(word(WorkflowStatus.values(), WorkflowStatus::word, status))
        .data(json(row, "data"))
        .createTime(present(instant(row, "create_time")))
        .completeTime(instant(row, "complete_time"))
        .build();
  }

  static ExecutionPointer pointer(ResultSet row) throws SQLException {
    return ExecutionPointer.builder(row.getInt("step_id"))
        .id(text(row, "id"))
        .active(row.getBoolean("active"))
        .status(word(PointerStatus.values(), PointerStatus::word, text(row, "status")))
        .sleepUntil(instant(row, "sleep_until"))
        .persistenceData(optionalJson(row, "persistence_data"))
        .startTime(instant(row, "start_time"))
        .endTime(instant(row, "end_time"))
        .eventName(row.getString("event_name"))
        .eventKey(row.getString("event_key"))
        .eventPublished((Boolean) present(row.getObject("event_published")))
        .eventData(optionalJson(row, "event_data"))
        .stepName(row.getString("step_name"))
        .retryCount((Integer) present(row.getObject("retry_count")))
        .children(texts(json(row, "children")))
        .contextItem(optionalJson(row, "context_item"))
        .predecessorId(row.getString("predecessor_id"))
        .outcome(optionalJson(row, "outcome"))
        .scope(texts(json(row, "scope")))
        .extensionAttributes(members(json(row, "extension_attributes")))
        .build();
  }

  static EventSubscription subscription(ResultSet row) throws SQLException {
    return EventSubscription.builder(
            text(row, "workflow_id"),
            text(row, "execution_pointer_id"),
            text(row, "event_name"),
            text(row, "event_key"))
        .id(text(row, "id"))
        .stepId(row.getInt("step_id"))
        .subscribeAsOf(present(instant(row, "subscribe_as_of")))
        .subscriptionData(optionalJson(row, "subscription_data"))
        .externalToken(row.getString("external_token"))
        .externalWorkerId(row.getString("external_worker_id"))
        .externalTokenExpiry(instant(row, "external_token_expiry"))
        .build();
  }

  static Event event(ResultSet row) throws SQLException {
    return Event.builder(text(row, "event_name"), text(row, "event_key"))
        .id(text(row, "id"))
        .eventData(json(row, "event_data"))
        .eventTime(present(instant(row, "event_time")))
        .processed((Boolean) present(row.getObject("is_processed")))
        .build();
  }

  static ExecutionError error(ResultSet row) throws SQLException {
    return new ExecutionError(
        present(instant(row, "error_time")),
        text(row, "workflow_id"),
        text(row, "execution_pointer_id"),
        text(row, "message"));
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("NULL where the Rust provider expects a value");
    }
    return value;
  }

  static String text(ResultSet row, String column) throws SQLException {
    return present(row.getString(column));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    return InstantColumn.read(row, row.findColumn(column));
  }

  private static @Nullable JsonNode optionalJson(ResultSet row, String column) throws SQLException {
    String json = row.getString(column);
    return json == null ? null : SampleValues.json(json);
  }

  private static JsonNode json(ResultSet row, String column) throws SQLException {
    return present(optionalJson(row, column));
  }

  private static List<String> texts(JsonNode json) {
    List<String> texts = new ArrayList<>();
    ((ArrayNode) json).forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  private static Map<String, JsonNode> members(JsonNode json) {
    Map<String, JsonNode> members = new TreeMap<>();
    json.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
    return members;
  }

  private static <E> E word(E[] values, Function<E, String> wordOf, String word) {
    return Arrays.stream(values)
        .filter(v -> wordOf.apply(v).equals(word))
        .findFirst()
        .orElseThrow();
  }
}
