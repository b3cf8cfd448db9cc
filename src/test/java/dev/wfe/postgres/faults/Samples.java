package dev.wfe.postgres.faults;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.List;

/** Workflows to write while something fails. */
public final class Samples {
  private Samples() {}

  /** With one pointer, {@code p-} and the id. */
  public static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .name(id)
        .nextExecution(0L)
        .executionPointers(List.of(ExecutionPointer.builder("p-" + id, 0).build()))
        .build();
  }

  /** Stored, and read again. */
  public static WorkflowInstance stored(PostgresPersistenceProvider store, String id) {
    store.createNewWorkflow(workflow(id));
    return store.getWorkflowInstance(id);
  }

  /** The stored value after a repeated write, unless the first one had been stored. */
  public static WorkflowInstance persistedAgain(
      PostgresPersistenceProvider store, WorkflowInstance value) {
    try {
      return store.persistWorkflow(value);
    } catch (StaleRevisionException landedBefore) {
      return store.findPersisted(value).orElseThrow();
    }
  }

  /** With a change in the workflow and in its pointer. */
  public static WorkflowInstance changed(WorkflowInstance instance) {
    ExecutionPointer pointer = instance.executionPointers().get(0);
    return instance.toBuilder()
        .nextExecution(1L)
        .executionPointers(List.of(pointer.toBuilder().stepName("changed").build()))
        .build();
  }
}
