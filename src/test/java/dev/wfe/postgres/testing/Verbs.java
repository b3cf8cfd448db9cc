package dev.wfe.postgres.testing;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Position;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Every verb by its name, as a call that succeeds on a store that {@link #fill} filled. */
public final class Verbs {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  private Verbs() {}

  /** Makes what the calls are about. */
  public static void fill(PostgresPersistenceProvider provider) {
    provider.createNewWorkflow(workflow().id("w").build());
    provider.createEvent(Event.builder("paid", "1").id("e").build());
    provider.createEventSubscription(subscription().id("s").build());
  }

  private static WorkflowInstance.Builder workflow() {
    return WorkflowInstance.builder("definition", 1)
        .executionPointers(
            List.of(ExecutionPointer.builder(0).build(), ExecutionPointer.builder(1).build()));
  }

  private static EventSubscription.Builder subscription() {
    return EventSubscription.builder("w", "p", "shipped", "1").subscribeAsOf(Instant.EPOCH);
  }

  /** The call of one verb. */
  public static Consumer<PostgresPersistenceProvider> call(String verb) {
    return Objects.requireNonNull(all().get(verb), verb);
  }

  /** The calls, in an order in which they can be made on one store; each only once. */
  public static Map<String, Consumer<PostgresPersistenceProvider>> all() {
    Map<String, Consumer<PostgresPersistenceProvider>> verbs = new LinkedHashMap<>();
    verbs.put("createNewWorkflow", store -> store.createNewWorkflow(workflow().build()));
    verbs.put(
        "persistWorkflow", store -> store.persistWorkflow(workflow().id("w").name("w").build()));
    verbs.put(
        "persistWorkflowWithSubscriptions",
        store ->
            store.persistWorkflowWithSubscriptions(
                store.getWorkflowInstance("w"), List.of(subscription().build())));
    verbs.put("findPersisted", store -> store.findPersisted(workflow().id("w").name("w").build()));
    verbs.put("getRunnableInstances", store -> store.getRunnableInstances(LATER));
    verbs.put("getRunnableInstances, limited", store -> store.getRunnableInstances(LATER, 2));
    verbs.put(
        "getRunnableInstances, page",
        store -> store.getRunnableInstances(LATER, 2, new Position(Instant.EPOCH, "w")));
    verbs.put("getWorkflowInstance", store -> store.getWorkflowInstance("w"));
    verbs.put("getWorkflowInstanceByName", store -> store.getWorkflowInstanceByName("w"));
    verbs.put("getWorkflowInstances", store -> store.getWorkflowInstances(List.of("w", "x")));
    verbs.put("nextDefinitionSequence", store -> store.nextDefinitionSequence("definition"));
    verbs.put("createEvent", store -> store.createEvent(Event.builder("paid", "1").build()));
    verbs.put("getEvent", store -> store.getEvent("e"));
    verbs.put("getRunnableEvents", store -> store.getRunnableEvents(LATER));
    verbs.put("getRunnableEvents, limited", store -> store.getRunnableEvents(LATER, 2));
    verbs.put(
        "getRunnableEvents, page",
        store -> store.getRunnableEvents(LATER, 2, new Position(Instant.EPOCH, "e")));
    verbs.put("getEvents", store -> store.getEvents("paid", "1", LATER));
    verbs.put("getEventsSince", store -> store.getEventsSince("paid", "1", Instant.EPOCH));
    verbs.put("markEventProcessed", store -> store.markEventProcessed("e"));
    verbs.put("markEventUnprocessed", store -> store.markEventUnprocessed("e"));
    verbs.put(
        "createEventSubscription", store -> store.createEventSubscription(subscription().build()));
    verbs.put("getSubscriptions", store -> store.getSubscriptions("shipped", "1", LATER));
    verbs.put(
        "getSubscriptions, limited", store -> store.getSubscriptions("shipped", "1", LATER, 2));
    verbs.put(
        "getFirstOpenSubscription", store -> store.getFirstOpenSubscription("shipped", "1", LATER));
    verbs.put("getSubscription", store -> store.getSubscription("s"));
    verbs.put(
        "setSubscriptionToken", store -> store.setSubscriptionToken("s", "t", "worker", LATER));
    verbs.put("clearSubscriptionToken", store -> store.clearSubscriptionToken("s", "t"));
    verbs.put(
        "setSubscriptionToken, for a duration",
        store -> store.setSubscriptionToken("s", "t", "worker", Duration.ofMinutes(1)));
    verbs.put(
        "renewSubscriptionToken",
        store -> store.renewSubscriptionToken("s", "t", Duration.ofMinutes(1)));
    verbs.put("terminateSubscription, held", store -> store.terminateSubscription("s", "t"));
    verbs.put(
        "createEventSubscription, again",
        store -> store.createEventSubscription(subscription().id("s").build()));
    verbs.put("terminateSubscription", store -> store.terminateSubscription("s"));
    verbs.put(
        "scheduleCommand",
        store -> store.scheduleCommand(ScheduledCommand.processWorkflow("w", 1)));
    verbs.put(
        "scheduleCommandAtEarliest",
        store -> store.scheduleCommandAtEarliest(ScheduledCommand.processEvent("e", 1)));
    verbs.put("processCommands, limited", store -> store.processCommands(LATER, 1, command -> {}));
    verbs.put("processCommands", store -> store.processCommands(LATER, command -> {}));
    verbs.put(
        "persistErrors", store -> store.persistErrors(List.of(ExecutionError.now("w", "p", "m"))));
    verbs.put("truncateAll", PostgresPersistenceProvider::truncateAll);
    return verbs;
  }
}
