package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ExecutionPointer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pointers as rows of {@code execution_pointers}. */
public final class PointerRows {
  static final String TABLE = "execution_pointers";

  private PointerRows() {}

  /** The columns of the pointer at the position. */
  public static Map<String, @Nullable Object> row(ExecutionPointer pointer, long position) {
    Map<String, @Nullable Object> row = new HashMap<>();
    row.put("id", pointer.id());
    row.put("position", position);
    row.put("step_id", pointer.stepId());
    row.put("active", pointer.active());
    row.put("status", pointer.status().word());
    row.put("sleep_until", Instants.text(pointer.sleepUntil()));
    row.put("persistence_data", Json.text(pointer.persistenceData()));
    row.put("start_time", Instants.text(pointer.startTime()));
    row.put("end_time", Instants.text(pointer.endTime()));
    row.put("event_name", pointer.eventName());
    row.put("event_key", pointer.eventKey());
    row.put("event_published", pointer.eventPublished());
    row.put("event_data", Json.text(pointer.eventData()));
    row.put("step_name", pointer.stepName());
    row.put("retry_count", pointer.retryCount());
    row.put("children", Json.text(pointer.children()));
    row.put("context_item", Json.text(pointer.contextItem()));
    row.put("predecessor_id", pointer.predecessorId());
    row.put("outcome", Json.text(pointer.outcome()));
    row.put("scope", Json.text(pointer.scope()));
    row.put("extension_attributes", Json.text(pointer.extensionAttributes()));
    return row;
  }

  /** The pointer in the row. */
  static <X extends Exception> ExecutionPointer read(Row<X> row) throws X {
    return ExecutionPointer.builder(row.id(), row.integer("step_id"))
        .active(row.bool("active"))
        .status(row.word("status", Words::pointerStatus))
        .sleepUntil(row.optionalInstant("sleep_until"))
        .persistenceData(row.optionalJson("persistence_data"))
        .startTime(row.optionalInstant("start_time"))
        .endTime(row.optionalInstant("end_time"))
        .eventName(row.optionalText("event_name"))
        .eventKey(row.optionalText("event_key"))
        .eventPublished(row.bool("event_published", false))
        .eventData(row.optionalJson("event_data"))
        .stepName(row.optionalText("step_name"))
        .retryCount(row.integer("retry_count", 0))
        .children(row.ids("children"))
        .contextItem(row.optionalJson("context_item"))
        .predecessorId(row.optionalText("predecessor_id"))
        .outcome(row.optionalJson("outcome"))
        .scope(row.ids("scope"))
        .extensionAttributes(row.attributes("extension_attributes"))
        .build();
  }
}
