package dev.wfe.postgres.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.ProcessedEvents;
import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** How often an operation waits for the database, transaction control included. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RoundTripTest {
  /** The driver prepares a statement on the server when it runs it for the fifth time. */
  private static final int WARM_UP = 6;

  private static final int MEASURED = 3;
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  /**
   * Else the pool asks whether a connection still answers, when it was not used for half a second.
   */
  private static final String NO_PINGS = "com.zaxxer.hikari.aliveBypassWindowMs";

  private final PostgresPersistenceProvider provider;

  RoundTripTest(TestDatabase database) {
    System.setProperty(NO_PINGS, "600000");
    try {
      provider =
          PostgresPersistenceProvider.connect(
              CountingSockets.url(database),
              PostgresOptions.builder().poolSize(1).wakeUps(false).build());
    } finally {
      System.clearProperty(NO_PINGS);
    }
  }

  @AfterAll
  void closeProvider() {
    provider.close();
  }

  /** Something that is done again and again, each time a call of its own. */
  private interface Call {
    void make(int index);
  }

  /** Round trips of each measured call; what {@code prepare} makes for it is not counted. */
  private static List<Long> roundTrips(Call prepare, Call call) {
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < WARM_UP + MEASURED; i++) {
      prepare.make(i);
      long before = CountingSockets.roundTrips();
      call.make(i);
      if (i >= WARM_UP) {
        counts.add(CountingSockets.roundTrips() - before);
      }
    }
    return counts;
  }

  private static DynamicTest takesOne(String operation, Call call) {
    return takesOne(operation, index -> {}, call);
  }

  private static DynamicTest takesOne(String operation, Call prepare, Call call) {
    return takes(1, operation, prepare, call);
  }

  private static DynamicTest takes(long count, String operation, Call prepare, Call call) {
    return DynamicTest.dynamicTest(
        operation,
        () ->
            assertThat(roundTrips(prepare, call)).isEqualTo(Collections.nCopies(MEASURED, count)));
  }

  private static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .name(id)
        .executionPointers(
            IntStream.range(0, 3)
                .mapToObj(i -> ExecutionPointer.builder(i).id(id + "-" + i).build())
                .toList())
        .build();
  }

  private static EventSubscription subscription(String id) {
    return EventSubscription.builder("w", "p", "shipped", "1")
        .subscribeAsOf(Instant.EPOCH)
        .id(id)
        .build();
  }

  private static WorkflowInstance changed(WorkflowInstance instance, int index) {
    List<ExecutionPointer> pointers = new ArrayList<>(instance.executionPointers());
    pointers.set(
        1, pointers.get(1).toBuilder().status(PointerStatus.RUNNING).retryCount(index).build());
    return instance.toBuilder().executionPointers(pointers).build();
  }

  @TestFactory
  Stream<DynamicTest> writingAWorkflowTakesOne() {
    provider.createNewWorkflow(workflow("w"));
    WorkflowInstance[] read = new WorkflowInstance[] {provider.getWorkflowInstance("w")};
    return Stream.of(
        takesOne("createNewWorkflow", i -> provider.createNewWorkflow(workflow("create" + i))),
        takesOne("persistWorkflow", i -> read[0] = provider.persistWorkflow(changed(read[0], i))),
        takesOne(
            "persistWorkflow, unguarded", i -> provider.persistWorkflow(changed(workflow("w"), i))),
        takesOne(
            "persistWorkflowWithSubscriptions",
            i -> read[0] = provider.getWorkflowInstance("w"),
            i ->
                provider.persistWorkflowWithSubscriptions(
                    changed(read[0], i), List.of(subscription("a" + i), subscription("b" + i)))),
        takesOne(
            "persistWorkflowWithSubscriptions, unguarded",
            i ->
                provider.persistWorkflowWithSubscriptions(
                    changed(workflow("w"), i), List.of(subscription("c" + i)))));
  }

  @TestFactory
  Stream<DynamicTest> readingWorkflowsTakesOne() {
    List<String> ids = IntStream.range(0, 20).mapToObj(i -> "read" + i).toList();
    ids.forEach(id -> provider.createNewWorkflow(workflow(id)));
    return Stream.of(
        takesOne("getWorkflowInstance", i -> provider.getWorkflowInstance("read1")),
        takesOne("getWorkflowInstanceByName", i -> provider.getWorkflowInstanceByName("read2")),
        takesOne("getWorkflowInstances", i -> provider.getWorkflowInstances(ids)),
        takesOne("getRunnableInstances", i -> provider.getRunnableInstances(LATER)),
        takesOne("getRunnableInstances, limited", i -> provider.getRunnableInstances(LATER, 2)),
        takesOne("getRunnableInstances, page", i -> provider.getRunnableInstances(LATER, 2, null)),
        takesOne("nextDefinitionSequence", i -> provider.nextDefinitionSequence("definition")));
  }

  @TestFactory
  Stream<DynamicTest> eventsTakeOne() {
    provider.createEvent(Event.builder("paid", "1").id("e").build());
    return Stream.of(
        takesOne("createEvent", i -> provider.createEvent(Event.builder("paid", "1").build())),
        takesOne("getEvent", i -> provider.getEvent("e")),
        takesOne("getRunnableEvents", i -> provider.getRunnableEvents(LATER)),
        takesOne("getRunnableEvents, limited", i -> provider.getRunnableEvents(LATER, 2)),
        takesOne("getRunnableEvents, page", i -> provider.getRunnableEvents(LATER, 2, null)),
        takesOne("getEvents", i -> provider.getEvents("paid", "1", LATER)),
        takesOne("getEventsSince", i -> provider.getEventsSince("paid", "1", Instant.EPOCH)),
        takesOne("markEventProcessed", i -> provider.markEventProcessed("e")),
        takesOne("markEventUnprocessed", i -> provider.markEventUnprocessed("e")));
  }

  @TestFactory
  Stream<DynamicTest> subscriptionsTakeOne() {
    provider.createEventSubscription(subscription("s"));
    return Stream.of(
        takesOne(
            "createEventSubscription",
            i -> provider.createEventSubscription(subscription("t" + i))),
        takesOne("getSubscription", i -> provider.getSubscription("s")),
        takesOne("getSubscriptions", i -> provider.getSubscriptions("shipped", "1", LATER)),
        takesOne(
            "getSubscriptions, limited", i -> provider.getSubscriptions("shipped", "1", LATER, 2)),
        takesOne(
            "getFirstOpenSubscription",
            i -> provider.getFirstOpenSubscription("shipped", "1", LATER)),
        takesOne(
            "setSubscriptionToken and losing",
            i -> provider.setSubscriptionToken("s", "t", "worker", LATER)),
        takesOne(
            "setSubscriptionToken, for a duration",
            i -> provider.setSubscriptionToken("t" + i, "t", "worker", Duration.ofHours(1))),
        takesOne(
            "renewSubscriptionToken",
            i -> provider.renewSubscriptionToken("t" + i, "t", Duration.ofHours(1))),
        takesOne("clearSubscriptionToken", i -> provider.clearSubscriptionToken("t" + i, "t")),
        takesOne("terminateSubscription", i -> provider.terminateSubscription("t" + i)));
  }

  @TestFactory
  Stream<DynamicTest> commandsAndErrorsTakeOne() {
    return Stream.of(
        takesOne(
            "scheduleCommand",
            i -> provider.scheduleCommand(ScheduledCommand.processWorkflow("w" + i, 1))),
        takesOne(
            "scheduleCommand again",
            i -> provider.scheduleCommand(ScheduledCommand.processWorkflow("w0", i))),
        takesOne(
            "scheduleCommandAtEarliest",
            i -> provider.scheduleCommandAtEarliest(ScheduledCommand.processEvent("e" + i, 1))),
        takesOne(
            "processCommands with nothing due",
            i -> provider.processCommands(Instant.ofEpochMilli(-1), command -> {})),
        takes(
            2,
            "processCommands with one due",
            i -> provider.scheduleCommand(ScheduledCommand.processWorkflow("due", -1)),
            i ->
                assertThat(
                        provider.processCommands(Instant.ofEpochMilli(-1), command -> {}).handled())
                    .isOne()),
        takesOne(
            "persistErrors",
            i ->
                provider.persistErrors(
                    Collections.nCopies(100, ExecutionError.now("w", "p", "m")))));
  }

  @TestFactory
  Stream<DynamicTest> deletingTakesOne() {
    EndedWorkflows target = new EndedWorkflows(WorkflowStatus.COMPLETE, Duration.ofDays(1));
    return Stream.of(
        takesOne(
            "deleteWorkflow",
            i -> provider.createNewWorkflow(workflow("delete" + i)),
            i -> provider.deleteWorkflow("delete" + i)),
        takesOne(
            "purge",
            i ->
                provider.createAll(
                    IntStream.range(0, 20)
                        .mapToObj(
                            n ->
                                workflow("purge" + i + "-" + n).toBuilder()
                                    .status(WorkflowStatus.COMPLETE)
                                    .completeTime(Instant.EPOCH)
                                    .build())
                        .toList()),
            i -> assertThat(provider.purge(target, 100, null).deleted()).isEqualTo(20)),
        takesOne(
            "purge of events",
            i -> provider.purge(new ProcessedEvents(Duration.ofDays(1)), 100, null)),
        takesOne("getPurgeableCount", i -> provider.getPurgeableCount(target, 100)));
  }

  @TestFactory
  Stream<DynamicTest> aRefusalTakesTwoAtMost() {
    WorkflowInstance stored = workflow("refused");
    provider.createNewWorkflow(stored);
    WorkflowInstance stale = provider.getWorkflowInstance("refused");
    provider.persistWorkflow(stored);
    provider.createEventSubscription(subscription("refused"));
    WorkflowInstance thief =
        workflow("thief").toBuilder().executionPointers(stored.executionPointers()).build();
    return Stream.of(
        isRefused("an id is taken", () -> provider.createNewWorkflow(stored)),
        isRefused(
            "a name is taken",
            () ->
                provider.createNewWorkflow(workflow("other").toBuilder().name("refused").build())),
        isRefused("a pointer is taken", () -> provider.createNewWorkflow(thief)),
        isRefused("stale", () -> provider.persistWorkflow(changed(stale, 1))),
        isRefused("persist of nothing", () -> provider.persistWorkflow(workflow("nothing"))),
        isRefused(
            "a subscription is taken",
            () ->
                provider.persistWorkflowWithSubscriptions(
                    stored, List.of(subscription("refused")))),
        isRefused("no such workflow", () -> provider.getWorkflowInstance("nothing")),
        isRefused("no such event", () -> provider.markEventProcessed("nothing")),
        isRefused("no such subscription", () -> provider.terminateSubscription("nothing")),
        isRefused("clear of nothing", () -> provider.clearSubscriptionToken("nothing", "t")),
        isRefused("end by another", () -> provider.terminateSubscription("refused", "other")),
        isRefused("another's token", () -> provider.clearSubscriptionToken("refused", "other")),
        isRefused(
            "token of nothing",
            () -> provider.setSubscriptionToken("nothing", "t", "worker", LATER)));
  }

  private static DynamicTest isRefused(String why, Runnable call) {
    return DynamicTest.dynamicTest(
        why,
        () ->
            assertThat(
                    roundTrips(
                        i -> {},
                        i -> assertThatThrownBy(call::run).isInstanceOf(StoreException.class)))
                .allSatisfy(count -> assertThat(count).isBetween(1L, 2L)));
  }

  @Test
  void twoOperationsCountAsTwo() {
    Call both =
        i -> {
          provider.nextDefinitionSequence("counted");
          provider.getRunnableEvents(LATER);
        };

    assertThat(roundTrips(i -> {}, both)).containsOnly(2L);
  }

  @Test
  void anEmptyListOfErrorsTakesNone() {
    assertThat(roundTrips(i -> {}, i -> provider.persistErrors(List.of()))).containsOnly(0L);
  }
}
