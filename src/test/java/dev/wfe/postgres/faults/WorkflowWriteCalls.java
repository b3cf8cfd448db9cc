package dev.wfe.postgres.faults;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The operations that write workflows. */
final class WorkflowWriteCalls {
  private static final String WORKFLOWS =
      "select count(*) from wfc.workflows where reference = ':key'";
  private static final String WORKFLOW_ID = "select id from wfc.workflows where reference = ':key'";
  private static final String STEP =
      """
      select next_execution || ', pointers ' ||
        (select count(*) from wfc.execution_pointers where workflow_id = ':key')
        || ', subscriptions ' ||
        (select count(*) from wfc.event_subscriptions where workflow_id = ':key')
      from wfc.workflows where id = ':key'
      """;
  private static final String WORKFLOW_AND_SUBSCRIPTIONS =
      "select ':key' union all"
          + " select id from wfc.event_subscriptions where workflow_id = ':key'";

  private WorkflowWriteCalls() {}

  private static WorkflowInstance.Builder workflow(String key) {
    return WorkflowInstance.builder("definition", 1).reference(key).nextExecution(0L);
  }

  private static List<ExecutionPointer> twoPointers() {
    return List.of(ExecutionPointer.builder(0).build(), ExecutionPointer.builder(1).build());
  }

  static List<WriteCall> creates() {
    return List.of(
        WriteCall.notToBeRepeated(
            "createNewWorkflow",
            (store, key) -> {
              WorkflowInstance value = workflow(key).build();
              return again -> again.createNewWorkflow(value);
            },
            WORKFLOWS,
            "0",
            "1",
            WORKFLOW_ID,
            "2"),
        WriteCall.repeatable(
            "createNewWorkflow with an id",
            (store, key) -> {
              WorkflowInstance value =
                  workflow(key).id(key).executionPointers(twoPointers()).build();
              return again -> again.createNewWorkflow(value);
            },
            "select count(*) from wfc.execution_pointers where workflow_id = ':key'",
            "0",
            "2",
            WriteCalls.THE_KEY,
            DuplicateException.class),
        WriteCall.repeatable(
            "createNewWorkflow with a name",
            (store, key) -> {
              WorkflowInstance value = workflow(key).name(key).build();
              return again -> again.createNewWorkflow(value);
            },
            WORKFLOWS,
            "0",
            "1",
            WORKFLOW_ID,
            DuplicateException.class));
  }

  /** As it was read, one step further. */
  private static WorkflowInstance step(PostgresPersistenceProvider store, String key) {
    store.createNewWorkflow(workflow(key).id(key).executionPointers(twoPointers()).build());
    WorkflowInstance read = store.getWorkflowInstance(key);
    List<ExecutionPointer> pointers = new ArrayList<>(read.executionPointers());
    pointers.add(ExecutionPointer.builder(2).build());
    return read.toBuilder().nextExecution(7L).executionPointers(pointers).build();
  }

  private static WorkflowInstance stepWithoutRevision(
      PostgresPersistenceProvider store, String key) {
    return step(store, key).toBuilder().revision(null).build();
  }

  private static Consumer<PostgresPersistenceProvider> subscribing(
      WorkflowInstance value, String key) {
    List<EventSubscription> subscriptions =
        List.of(WriteCalls.subscription(key).build(), WriteCalls.subscription(key).build());
    return store -> store.persistWorkflowWithSubscriptions(value, subscriptions);
  }

  static List<WriteCall> persists() {
    String before = "0, pointers 2, subscriptions 0";
    return List.of(
        WriteCall.repeatable(
            "persistWorkflow",
            (store, key) -> {
              WorkflowInstance value = step(store, key);
              return again -> again.persistWorkflow(value);
            },
            STEP,
            before,
            "7, pointers 3, subscriptions 0",
            WriteCalls.THE_KEY,
            StaleRevisionException.class),
        WriteCall.notToBeRepeated(
            "persistWorkflow without a revision",
            (store, key) -> {
              WorkflowInstance value = stepWithoutRevision(store, key);
              return again -> again.persistWorkflow(value);
            },
            STEP,
            before,
            "7, pointers 3, subscriptions 0",
            WriteCalls.THE_KEY,
            "7, pointers 3, subscriptions 0"),
        WriteCall.repeatable(
            "persistWorkflowWithSubscriptions",
            (store, key) -> subscribing(step(store, key), key),
            STEP,
            before,
            "7, pointers 3, subscriptions 2",
            WORKFLOW_AND_SUBSCRIPTIONS,
            StaleRevisionException.class),
        WriteCall.notToBeRepeated(
            "persistWorkflowWithSubscriptions without a revision",
            (store, key) -> subscribing(stepWithoutRevision(store, key), key),
            STEP,
            before,
            "7, pointers 3, subscriptions 2",
            WORKFLOW_AND_SUBSCRIPTIONS,
            "7, pointers 3, subscriptions 4"));
  }
}
