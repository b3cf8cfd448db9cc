package dev.wfe.postgres.growth;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Instances;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Operations as calls that can be repeated on the rows of {@link FinishedWork}. */
final class RepeatedCalls {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");
  private static final String NAME = "name";

  private RepeatedCalls() {}

  /** The calls by their names; each takes a text that no call had before, for ids. */
  static Map<String, BiConsumer<PostgresPersistenceProvider, String>> all() {
    Map<String, BiConsumer<PostgresPersistenceProvider, String>> calls = new LinkedHashMap<>();
    addWorkflows(calls);
    addEvents(calls);
    addSubscriptions(calls);
    calls.put(
        "scheduleCommand",
        (store, unique) -> store.scheduleCommand(ScheduledCommand.processWorkflow("w7", 1L << 50)));
    calls.put(
        "scheduleCommandAtEarliest",
        (store, unique) ->
            store.scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("w8", 1L << 50)));
    calls.put(
        "processCommands",
        (store, unique) -> {
          store.scheduleCommand(ScheduledCommand.processEvent(unique, 1));
          store.processCommands(Instant.ofEpochMilli(2), command -> {});
        });
    calls.put(
        "persistErrors",
        (store, unique) -> store.persistErrors(List.of(ExecutionError.now("w", "p", "m"))));
    return calls;
  }

  private static void addWorkflows(
      Map<String, BiConsumer<PostgresPersistenceProvider, String>> calls) {
    calls.put(
        "createNewWorkflow",
        (store, unique) -> store.createNewWorkflow(Instances.withPointers(unique, 2)));
    calls.put(
        "persistWorkflow",
        (store, unique) ->
            store.persistWorkflow(Instances.stepped(store.getWorkflowInstance("w1"), 0)));
    calls.put(
        "persistWorkflow, pointer replaced",
        (store, unique) -> {
          WorkflowInstance read = store.getWorkflowInstance("w2");
          List<ExecutionPointer> pointers = new ArrayList<>(read.executionPointers());
          pointers.set(0, Instances.pointer(unique, 0));
          store.persistWorkflow(read.toBuilder().executionPointers(pointers).build());
        });
    calls.put(
        "persistWorkflow, unguarded",
        (store, unique) ->
            store.persistWorkflow(
                store.getWorkflowInstance("w3").toBuilder().revision(null).build()));
    calls.put(
        "persistWorkflowWithSubscriptions",
        (store, unique) ->
            store.persistWorkflowWithSubscriptions(
                store.getWorkflowInstance("w4"),
                List.of(subscription("key 4"), subscription("key 5"))));
    calls.put("getRunnableInstances", (store, unique) -> store.getRunnableInstances(LATER, 5));
    calls.put("getWorkflowInstance", (store, unique) -> store.getWorkflowInstance("w5"));
    calls.put(
        "getWorkflowInstanceByName", (store, unique) -> store.getWorkflowInstanceByName("name 5"));
    calls.put(
        "getWorkflowInstances",
        (store, unique) -> store.getWorkflowInstances(List.of("w5", "w6", "w7")));
    calls.put("nextDefinitionSequence", (store, unique) -> store.nextDefinitionSequence("d5"));
  }

  private static EventSubscription subscription(String key) {
    return EventSubscription.builder("w4", "p4", NAME, key).subscribeAsOf(Instant.EPOCH).build();
  }

  private static void addEvents(
      Map<String, BiConsumer<PostgresPersistenceProvider, String>> calls) {
    calls.put(
        "createEvent", (store, unique) -> store.createEvent(Event.builder(NAME, unique).build()));
    calls.put("getEvent", (store, unique) -> store.getEvent("e5"));
    calls.put("getRunnableEvents", (store, unique) -> store.getRunnableEvents(LATER, 5));
    calls.put("getEvents", (store, unique) -> store.getEvents(NAME, "key 5", LATER, 5));
    calls.put(
        "getEventsSince", (store, unique) -> store.getEventsSince(NAME, "key 5", Instant.EPOCH, 5));
    calls.put("markEventProcessed", (store, unique) -> store.markEventProcessed("e6"));
    calls.put("markEventUnprocessed", (store, unique) -> store.markEventUnprocessed("e6"));
  }

  private static void addSubscriptions(
      Map<String, BiConsumer<PostgresPersistenceProvider, String>> calls) {
    calls.put(
        "createEventSubscription and terminateSubscription",
        (store, unique) ->
            store.terminateSubscription(store.createEventSubscription(subscription(unique))));
    calls.put("getSubscription", (store, unique) -> store.getSubscription("s7"));
    calls.put(
        "getSubscriptions",
        (store, unique) -> store.getSubscriptions(NAME, "other key 7", LATER, 5));
    calls.put(
        "getFirstOpenSubscription",
        (store, unique) -> store.getFirstOpenSubscription(NAME, "other key 7", LATER));
    calls.put(
        "setSubscriptionToken and clearSubscriptionToken",
        (store, unique) -> {
          store.setSubscriptionToken("s7", unique, "worker", Duration.ofMinutes(1));
          store.clearSubscriptionToken("s7", unique);
        });
  }
}
