package dev.wfe.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** Instances in the middle of their execution: with some data, and with pointers that ran. */
public final class Templates {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00.123456Z");

  private Templates() {}

  /** With the given number of pointers. */
  public static WorkflowInstance withPointers(int count) {
    return WorkflowInstance.builder("order-fulfilment", 3)
        .reference("order 4711")
        .nextExecution(Tables.FAR)
        .createTime(START)
        .data(order(3))
        .executionPointers(IntStream.range(0, count).mapToObj(Templates::pointer).toList())
        .build();
  }

  /** With the given number of pointers and a document of about the given number of bytes. */
  public static WorkflowInstance withPointersAndData(int count, int bytes) {
    return withPointers(count).toBuilder().data(order(bytes / 70)).build();
  }

  private static ObjectNode order(int lines) {
    ObjectNode data = JsonNodeFactory.instance.objectNode().put("customer", "Ada Lovelace");
    for (int i = 0; i < lines; i++) {
      data.withArray("lines")
          .addObject()
          .put("sku", "article-" + i)
          .put("quantity", i % 7 + 1)
          .put("price", i + 0.25)
          .put("gift", i % 3 == 0);
    }
    return data;
  }

  private static ExecutionPointer pointer(int index) {
    return ExecutionPointer.builder(index)
        .stepName("step " + index)
        .status(PointerStatus.COMPLETE)
        .active(false)
        .startTime(START.plusSeconds(index))
        .endTime(START.plusSeconds(index + 1L))
        .persistenceData(JsonNodeFactory.instance.objectNode().put("attempt", 1).put("done", true))
        .outcome(JsonNodeFactory.instance.textNode("ok"))
        .scope(index == 0 ? List.of() : List.of("branch-" + index % 3))
        .build();
  }

  /** The instance with another id and name, and with new ids for its pointers. */
  public static WorkflowInstance renamed(WorkflowInstance template, UUID id) {
    List<ExecutionPointer> pointers = new ArrayList<>();
    for (ExecutionPointer pointer : template.executionPointers()) {
      pointers.add(pointer.toBuilder().id(UUID.randomUUID().toString()).build());
    }
    return template.toBuilder()
        .id(id.toString())
        .name("order-fulfilment-" + id)
        .executionPointers(pointers)
        .revision(null)
        .build();
  }

  /** The instance after its next step: one pointer and the due time have changed. */
  public static WorkflowInstance stepped(WorkflowInstance instance, int step) {
    List<ExecutionPointer> pointers = new ArrayList<>(instance.executionPointers());
    int index = step % pointers.size();
    pointers.set(
        index,
        pointers.get(index).toBuilder()
            .status(step % 2 == 0 ? PointerStatus.RUNNING : PointerStatus.COMPLETE)
            .retryCount(step)
            .persistenceData(JsonNodeFactory.instance.objectNode().put("attempt", step))
            .build());
    return instance.toBuilder()
        .executionPointers(pointers)
        .nextExecution(Tables.FAR + step)
        .build();
  }
}
