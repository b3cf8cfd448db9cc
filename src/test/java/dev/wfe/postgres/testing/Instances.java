package dev.wfe.postgres.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Instances as a running engine has them, for tests that count what the provider does with them.
 */
public final class Instances {
  private Instances() {}

  /** With that many pointers, all of them complete, and a little data. */
  public static WorkflowInstance withPointers(String id, int count) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .name(id)
        .nextExecution(0L)
        .data(json(id))
        .executionPointers(IntStream.range(0, count).mapToObj(i -> pointer(id, i)).toList())
        .build();
  }

  public static ExecutionPointer pointer(String workflowId, int index) {
    return ExecutionPointer.builder(index)
        .id(workflowId + "-" + index)
        .status(PointerStatus.COMPLETE)
        .stepName("step " + index)
        .persistenceData(json("pointer " + index))
        .build();
  }

  private static JsonNode json(String text) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("text", text)
        .put("customer", "0123456789".repeat(5))
        .put("amount", 1200)
        .put("currency", "EUR");
  }

  /** As after one more step in each of the pointers at those places, and due a little later. */
  public static WorkflowInstance stepped(WorkflowInstance instance, int... places) {
    List<ExecutionPointer> pointers = new ArrayList<>(instance.executionPointers());
    for (int place : places) {
      ExecutionPointer pointer = pointers.get(place);
      pointers.set(
          place,
          pointer.toBuilder()
              .status(PointerStatus.RUNNING)
              .retryCount(pointer.retryCount() + 1)
              .build());
    }
    long next = Objects.requireNonNull(instance.nextExecution()) + 1;
    return instance.toBuilder().executionPointers(pointers).nextExecution(next).build();
  }
}
