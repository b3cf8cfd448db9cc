package dev.wfe.postgres.testing;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.CommandName;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.CommandFilter;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.OldErrors;
import dev.wfe.persistence.PurgeTarget.Orphans;
import dev.wfe.persistence.PurgeTarget.ProcessedEvents;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Every operation by its name, as a call that succeeds on a store that {@link #fill} filled. */
public final class Operations {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  private static final DefinitionVersion DEFINITION = new DefinitionVersion("definition", 1);
  private static final Claim CLAIM = new Claim(Subject.WORKFLOW, "w", "host", 1);

  private static final Duration YEAR = Duration.ofDays(365);
  private static final EndedWorkflows COMPLETE = new EndedWorkflows(WorkflowStatus.COMPLETE, YEAR);

  private Operations() {}

  /** Makes what the calls are about. */
  public static void fill(PostgresPersistenceProvider provider) {
    provider.createNewWorkflow(workflow().id("w").build());
    provider.createNewWorkflow(workflow().id("deleted").nextExecution(null).build());
    provider.createNewWorkflow(workflow().name("deleted too").nextExecution(null).build());
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

  private static WorkflowWrite.Builder write() {
    return WorkflowWrite.of(workflow().id("w").name("w").build())
        .subscribe(List.of(subscription().build()))
        .publish(List.of(Event.builder("paid", "1").build()))
        .create(List.of(workflow().build()))
        .errors(List.of(ExecutionError.now("w", "p", "m")))
        .schedule(List.of(ScheduledCommand.processWorkflow("w", 1)))
        .endSubscriptions(List.of("unknown"))
        .deletePointers(List.of("unknown"))
        .dueAfter(Duration.ZERO);
  }

  private static void createInTransaction(PostgresPersistenceProvider store) {
    try {
      store.inTransaction(transaction -> transaction.provider().create(workflow().build()));
    } catch (StoreException failure) {
      throw failure;
    } catch (Exception other) {
      throw new AssertionError(other);
    }
  }

  private static Map<String, PurgeTarget> targets() {
    Map<String, PurgeTarget> targets = new LinkedHashMap<>();
    targets.put("complete", COMPLETE);
    targets.put("terminated", new EndedWorkflows(WorkflowStatus.TERMINATED, YEAR));
    targets.put("events", new ProcessedEvents(YEAR));
    targets.put("errors", new OldErrors(YEAR));
    for (Orphans.Of kind : Orphans.Of.values()) {
      targets.put("orphans " + kind, new Orphans(kind, YEAR));
    }
    return targets;
  }

  private static void purgeRecords(PostgresPersistenceProvider store) {
    store.purge(COMPLETE, store.getPurgeableRecords(COMPLETE, 5, 1_000, null).records());
    OldErrors errors = new OldErrors(YEAR);
    store.purge(errors, store.getPurgeableRecords(errors, 5, 1_000, null).records());
    ProcessedEvents events = new ProcessedEvents(YEAR);
    store.purge(events, store.getPurgeableRecords(events, 5, 1_000, null).records());
  }

  /** The call of one operation. */
  public static Consumer<PostgresPersistenceProvider> call(String operation) {
    return Objects.requireNonNull(all().get(operation), operation);
  }

  /** The calls, in an order in which they can be made on one store; each only once. */
  public static Map<String, Consumer<PostgresPersistenceProvider>> all() {
    Map<String, Consumer<PostgresPersistenceProvider>> operations = new LinkedHashMap<>();
    operations.put("createNewWorkflow", store -> store.createNewWorkflow(workflow().build()));
    operations.put(
        "persistWorkflow", store -> store.persistWorkflow(workflow().id("w").name("w").build()));
    operations.put(
        "persistWorkflowWithSubscriptions",
        store ->
            store.persistWorkflowWithSubscriptions(
                store.getWorkflowInstance("w"), List.of(subscription().build())));
    operations.put(
        "findPersisted", store -> store.findPersisted(workflow().id("w").name("w").build()));
    operations.put("getRunnableInstances", store -> store.getRunnableInstances(LATER));
    operations.put("getRunnableInstances, limited", store -> store.getRunnableInstances(LATER, 2));
    operations.put(
        "getRunnableInstances, page",
        store -> store.getRunnableInstances(LATER, 2, new Position(Instant.EPOCH, "w")));
    operations.put("getWorkflowInstance", store -> store.getWorkflowInstance("w"));
    operations.put("getWorkflowInstanceByName", store -> store.getWorkflowInstanceByName("w"));
    operations.put("getWorkflowInstances", store -> store.getWorkflowInstances(List.of("w", "x")));
    operations.put("nextDefinitionSequence", store -> store.nextDefinitionSequence("definition"));
    operations.put("createEvent", store -> store.createEvent(Event.builder("paid", "1").build()));
    operations.put("getEvent", store -> store.getEvent("e"));
    operations.put("getRunnableEvents", store -> store.getRunnableEvents(LATER));
    operations.put("getRunnableEvents, limited", store -> store.getRunnableEvents(LATER, 2));
    operations.put(
        "getRunnableEvents, page",
        store -> store.getRunnableEvents(LATER, 2, new Position(Instant.EPOCH, "e")));
    operations.put("getEvents", store -> store.getEvents("paid", "1", LATER));
    operations.put("getEventsSince", store -> store.getEventsSince("paid", "1", Instant.EPOCH));
    operations.put(
        "getEventsSince, of many topics",
        store -> store.getEventsSince(Map.of(new Topic("paid", "1"), Instant.EPOCH), 2));
    operations.put("getEvents, by id", store -> store.getEvents(List.of("e", "x")));
    operations.put(
        "getSubscriptions, of many topics",
        store -> store.getSubscriptions(List.of(new Topic("shipped", "1")), 2));
    operations.put(
        "markEventsProcessed",
        store -> store.markEventsProcessed(List.of("e")).forEach(ItemResult::orThrow));
    operations.put("markEventProcessed", store -> store.markEventProcessed("e"));
    operations.put("markEventUnprocessed", store -> store.markEventUnprocessed("e"));
    operations.put(
        "createEventSubscription", store -> store.createEventSubscription(subscription().build()));
    operations.put("getSubscriptions", store -> store.getSubscriptions("shipped", "1", LATER));
    operations.put(
        "getSubscriptions, limited", store -> store.getSubscriptions("shipped", "1", LATER, 2));
    operations.put(
        "getFirstOpenSubscription", store -> store.getFirstOpenSubscription("shipped", "1", LATER));
    operations.put("getSubscription", store -> store.getSubscription("s"));
    operations.put(
        "setSubscriptionToken", store -> store.setSubscriptionToken("s", "t", "worker", LATER));
    operations.put("clearSubscriptionToken", store -> store.clearSubscriptionToken("s", "t"));
    operations.put(
        "setSubscriptionToken, for a duration",
        store -> store.setSubscriptionToken("s", "t", "worker", Duration.ofMinutes(1)));
    operations.put(
        "renewSubscriptionToken",
        store -> store.renewSubscriptionToken("s", "t", Duration.ofMinutes(1)));
    operations.put("terminateSubscription, held", store -> store.terminateSubscription("s", "t"));
    operations.put(
        "createEventSubscription, again",
        store -> store.createEventSubscription(subscription().id("s").build()));
    operations.put("terminateSubscription", store -> store.terminateSubscription("s"));
    operations.put(
        "scheduleCommand",
        store -> store.scheduleCommand(ScheduledCommand.processWorkflow("w", 1)));
    operations.put(
        "scheduleCommandAtEarliest",
        store -> store.scheduleCommandAtEarliest(ScheduledCommand.processEvent("e", 1)));
    operations.put(
        "processCommands, limited", store -> store.processCommands(LATER, 1, command -> {}));
    operations.put("processCommands", store -> store.processCommands(LATER, command -> {}));
    operations.put("create", store -> store.create(workflow().build()));
    operations.put(
        "createAll",
        store ->
            store
                .createAll(List.of(workflow().build(), workflow().build()))
                .forEach(ItemResult::orThrow));
    operations.put("write", store -> store.write(write().build()));
    operations.put(
        "writeAll", store -> store.writeAll(List.of(write().build())).forEach(ItemResult::orThrow));
    operations.put("getLiveWorkflow", store -> store.getLiveWorkflow("w"));
    operations.put("getLiveWorkflows", store -> store.getLiveWorkflows(List.of("w", "x")));
    operations.put(
        "registerDefinition",
        store -> store.registerDefinition(DEFINITION, TextNode.valueOf("graph")));
    operations.put("getDefinition", store -> store.getDefinition(DEFINITION));
    operations.put(
        "createEvents",
        store ->
            store
                .createEvents(List.of(Event.builder("paid", "1").build()))
                .forEach(ItemResult::orThrow));
    operations.put(
        "takeOffer",
        store -> store.takeOffer("shipped", "1", "t", "worker", Duration.ofMinutes(1)));
    operations.put(
        "terminateSubscriptions", store -> store.terminateSubscriptions(List.of("unknown")));
    operations.put(
        "scheduleCommands",
        store ->
            store
                .scheduleCommands(List.of(ScheduledCommand.processWorkflow("w", 1)))
                .forEach(ItemResult::orThrow));
    operations.put(
        "claimWorkflows",
        store ->
            store.claimWorkflows(
                new ClaimRequest("host", List.of(DEFINITION), 2, 1_000, Duration.ofMinutes(1))));
    operations.put("getDueDefinitions", store -> store.getDueDefinitions());
    operations.put(
        "claimEvents",
        store ->
            store.claimEvents(
                new ClaimRequest("host", List.of(DEFINITION), 2, 1_000, Duration.ofMinutes(1))));
    operations.put("renew", store -> store.renew(List.of(CLAIM), Duration.ofMinutes(1)));
    operations.put("release", store -> store.release(List.of(CLAIM)));
    operations.put("inTransaction", Operations::createInTransaction);
    operations.put(
        "persistErrors", store -> store.persistErrors(List.of(ExecutionError.now("w", "p", "m"))));
    addQueries(operations);
    operations.put(
        "registerHost",
        store ->
            store.registerHost(
                new HostRegistration(
                    "h",
                    "host",
                    "1",
                    Duration.ZERO,
                    Duration.ofMinutes(1),
                    List.of(new HostedDefinition(DEFINITION)))));
    operations.put("getHosts", store -> store.getHosts(5));
    operations.put("getLiveHosts", store -> store.getLiveHosts(DEFINITION, 5));
    operations.put("removeHost", store -> store.removeHost("h"));
    operations.put("deleteWorkflow", store -> store.deleteWorkflow("deleted"));
    operations.put("deleteWorkflowByName", store -> store.deleteWorkflowByName("deleted too"));
    targets()
        .forEach(
            (name, target) -> {
              operations.put("purge, " + name, store -> store.purge(target, 5, null));
              operations.put(
                  "getPurgeableCount, " + name, store -> store.getPurgeableCount(target, 5));
            });
    operations.put(
        "getPurgeableRecords", store -> store.getPurgeableRecords(COMPLETE, 5, 1_000, null));
    operations.put("purge, records", Operations::purgeRecords);
    operations.put("getRecords", store -> store.getRecords(Subject.WORKFLOW, 2, 1_000, null));
    operations.put(
        "getRecords, of events", store -> store.getRecords(Subject.EVENT, 5, 1_000, null));
    operations.put(
        "getRecords, of errors", store -> store.getRecords(Subject.ERROR, 5, 1_000, null));
    operations.put("truncateAll", PostgresPersistenceProvider::truncateAll);
    return operations;
  }

  private static void addQueries(Map<String, Consumer<PostgresPersistenceProvider>> operations) {
    PageRequest page = PageRequest.first(2);
    SortDirection newestFirst = SortDirection.DESCENDING;
    operations.put(
        "findWorkflows",
        store -> store.findWorkflows(WorkflowFilter.ALL, WorkflowSort.NEWEST_FIRST, page));
    operations.put(
        "countWorkflows",
        store -> store.countWorkflows(WorkflowFilter.builder().reference("r").build(), 9));
    operations.put("findEvents", store -> store.findEvents(EventFilter.ALL, newestFirst, page));
    operations.put(
        "countEvents",
        store -> store.countEvents(EventFilter.builder().topic("paid", "1").build(), 9));
    operations.put(
        "findSubscriptions",
        store -> store.findSubscriptions(SubscriptionFilter.ALL, newestFirst, page));
    operations.put(
        "countSubscriptions",
        store -> store.countSubscriptions(SubscriptionFilter.builder().workflow("w").build(), 9));
    operations.put(
        "findCommands", store -> store.findCommands(CommandFilter.ALL, newestFirst, page));
    operations.put(
        "countCommands",
        store ->
            store.countCommands(
                CommandFilter.builder().command(CommandName.PROCESS_EVENT).data("w").build(), 9));
    operations.put("findErrors", store -> store.findErrors(ErrorFilter.ALL, newestFirst, page));
    operations.put(
        "countErrors", store -> store.countErrors(ErrorFilter.builder().workflow("w").build(), 9));
    operations.put("getLimitUsage", store -> store.getLimitUsage("w", Duration.ofHours(1)));
    operations.put(
        "countErrorsByMessage",
        store -> store.countErrorsByMessage(ErrorFilter.builder().workflow("w").build(), 2));
  }
}
