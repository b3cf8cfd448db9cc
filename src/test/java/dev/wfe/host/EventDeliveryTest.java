package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.UnknownOutcomeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EventDeliveryTest {
  private static final EventType<String> PAID = EventType.of("paid", String.class);
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private static final Workflow<String> WAITING =
      Workflow.define("order", 1, String.class)
          .await("payment", PAID, order -> order, (order, receipt) -> receipt)
          .build();

  /** Data: the key, then what was received. */
  private static final Workflow<List<String>> TWICE = waiting("twice", 2, () -> {});

  private Instant now = NOON;
  private final InMemoryPersistenceProvider store = new InMemoryPersistenceProvider(() -> now);
  private final WorkflowClient client = WorkflowClient.over(store);

  private static Workflow<List<String>> waiting(String id, int times, Runnable between) {
    WorkflowBuilder<List<String>> definition =
        Workflow.define(id, 1, new TypeReference<List<String>>() {});
    for (int i = 0; i < times; i++) {
      definition
          .await("wait " + i, PAID, data -> data.get(0), EventDeliveryTest::with)
          .run("between " + i, data -> between.run());
    }
    return definition.build();
  }

  private static List<String> with(List<String> data, String receipt) {
    List<String> more = new ArrayList<>(data);
    more.add(receipt);
    return more;
  }

  private SteppedHost host(Workflow<?>... workflows) {
    return WorkflowHost.builder(store).workflows(List.of(workflows)).buildStepped(() -> now);
  }

  /** Publishes an event whose id and payload are the text. */
  private void publish(String text, Instant time) {
    store.createEvent(
        Event.builder(PAID.name(), "1001")
            .id(text)
            .eventTime(time)
            .eventData(HostJson.standard().write(text))
            .build());
  }

  private void setTime(Instant time) {
    now = time;
  }

  private boolean isProcessed(String event) {
    return store.getEvent(event).processed();
  }

  private String start(Workflow<List<String>> workflow) {
    return client.startWorkflow(workflow, List.of("1001")).id();
  }

  private List<String> received(Workflow<List<String>> workflow, String id) {
    List<String> data = client.state(workflow, id).data();
    return data.subList(1, data.size());
  }

  @Test
  void aWaitThatIsStoredDuringADeliveryGetsTheEventAtOnce() {
    SteppedHost other = host(WAITING);
    String id = client.startWorkflow(WAITING, "1001").id();
    client.publish(PAID, "1001", "r-1");
    AtomicBoolean stored = new AtomicBoolean();
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("markEventsProcessed") && stored.compareAndSet(false, true)) {
            var unused = other.runDue();
          }
          return call.proceed();
        });

    assertThat(delivery(interceptor, WAITING).deliver()).isTrue();

    assertThat(stored).isTrue();
    var unused = other.runDue();
    assertThat(client.state(WAITING, id).hasEnded()).isTrue();
  }

  private static EventDelivery delivery(Interceptor provider, Workflow<?>... workflows) {
    HostJson json = HostJson.standard();
    return new EventDelivery(
        provider.provider(),
        new Definitions(List.of(workflows), json),
        json,
        new HostSettings(
            "host",
            Duration.ofSeconds(30),
            10,
            10,
            1_000_000,
            Duration.ofMillis(50),
            Duration.ofSeconds(5)),
        () -> NOON,
        id -> {
          throw new IllegalStateException("No child ends: " + id);
        },
        new Listeners(List.of()));
  }

  @Test
  void anOlderEventThatIsCommittedLateIsConsumedByTheNextWait() {
    SteppedHost host = host(TWICE);
    String id = start(TWICE);
    publish("younger", NOON.plusSeconds(3600));
    setTime(NOON.plusSeconds(3600));
    var unused = host.runDue();

    publish("older", NOON.plusSeconds(1));
    unused = host.runDue();

    assertThat(received(TWICE, id)).containsExactly("younger", "older");
  }

  @Test
  void anOlderEventThatWasProcessedBeforeTheNextWaitWasStoredIsConsumedByIt() {
    AtomicBoolean published = new AtomicBoolean();
    Workflow<List<String>> workflow =
        waiting(
            "publishing",
            2,
            () -> {
              if (published.compareAndSet(false, true)) {
                publish("older", NOON.plusSeconds(1));
                store.markEventProcessed("older");
              }
            });
    SteppedHost host = host(workflow);
    String id = start(workflow);
    publish("younger", NOON.plusSeconds(3600));
    setTime(NOON.plusSeconds(3600));

    var unused = host.runDue();

    assertThat(received(workflow, id)).containsExactly("younger", "older");
  }

  @Test
  void aConsumedEventStaysProcessedWhileTheNextWaitIsOpen() {
    SteppedHost host = host(TWICE);
    String id = start(TWICE);
    publish("first", NOON);

    var unused = host.runDue();

    assertThat(received(TWICE, id)).containsExactly("first");
    assertThat(client.state(TWICE, id).hasEnded()).isFalse();
    assertThat(isProcessed("first")).isTrue();
  }

  @Test
  void manyEventsOfATopicAreConsumedOnceEachInTheirOrder() {
    int count = 120; // more than the host remembers one by one
    Workflow<List<String>> workflow = waiting("many", count, () -> {});
    SteppedHost host = host(workflow);
    String id = start(workflow);
    List<String> events = IntStream.range(0, count).mapToObj(i -> "e-" + (1_000 + i)).toList();
    events.forEach(event -> publish(event, NOON.plusMillis(events.indexOf(event))));
    setTime(NOON.plusSeconds(1));

    var unused = host.runDue();

    assertThat(received(workflow, id)).isEqualTo(events);
    assertThat(client.state(workflow, id).hasEnded()).isTrue();
    assertThat(events).allMatch(this::isProcessed);
  }

  /** The last pointer keeps them, in case that the workflow is run again. */
  @Test
  void endedWaitsBeforeTheLastAreStoredWithoutTheConsumedEvents() {
    Workflow<List<String>> workflow = waiting("many", 20, () -> {});
    SteppedHost host = host(workflow);
    String id = start(workflow);
    IntStream.range(0, 20).forEach(i -> publish("e-" + i, NOON));

    var unused = host.runDue();

    List<ExecutionPointer> pointers = store.getWorkflowInstance(id).executionPointers();
    assertThat(pointers).hasSize(40);
    assertThat(pointers.subList(0, 39))
        .allSatisfy(pointer -> assertThat(pointer.extensionAttributes()).isEmpty());
    assertThat(Consumed.before(pointers.get(39)).topics()).hasSize(1);
  }

  @Test
  void anEventForAWorkflowOfAnotherHostIsDeliveredByThatHostAtOnce() {
    SteppedHost mine = host(TWICE);
    SteppedHost other = host(WAITING);
    String id = client.startWorkflow(WAITING, "1001").id();
    var unused = other.runDue();
    client.publish(PAID, "1001", "r-1");

    unused = mine.runDue();
    unused = other.runDue();

    assertThat(client.state(WAITING, id).hasEnded()).isTrue();
  }

  @Test
  void anEventForWorkflowsOfTwoHostsIsDeliveredByBoth() {
    SteppedHost mine = host(TWICE);
    SteppedHost other = host(WAITING);
    String both = start(TWICE);
    String id = client.startWorkflow(WAITING, "1001").id();
    var unused = mine.runDue();
    unused = other.runDue();
    publish("receipt", NOON);

    unused = mine.runDue();
    unused = other.runDue();

    assertThat(received(TWICE, both)).containsExactly("receipt");
    assertThat(client.state(WAITING, id).hasEnded()).isTrue();
    assertThat(isProcessed("receipt")).isTrue();
  }

  @Test
  void fiftyEventsForFiftyWorkflowsTakeSixOperations() {
    SteppedHost host = host(WAITING);
    List<String> ids =
        IntStream.range(0, 50)
            .mapToObj(i -> client.startWorkflow(WAITING, "order-" + i).id())
            .toList();
    var unused = host.runDue();
    store
        .createEvents(
            IntStream.range(0, 50)
                .mapToObj(
                    i ->
                        Event.builder(PAID.name(), "order-" + i)
                            .eventData(HostJson.standard().write("r-" + i))
                            .build())
                .toList())
        .forEach(ItemResult::orThrow);
    List<String> operations = new ArrayList<>();
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          operations.add(operation);
          return call.proceed();
        });

    assertThat(delivery(interceptor, WAITING).deliver()).isTrue();

    assertThat(operations)
        .containsExactly(
            "claimEvents",
            "getSubscriptions",
            "getLiveWorkflows",
            "getEventsSince",
            "writeAll",
            "markEventsProcessed");
    assertThat(ids).allMatch(id -> client.state(WAITING, id).hasEnded());
  }

  @Test
  void anInstanceRemembersNoMoreThanTheLastEvents() {
    int count = 120;
    Workflow<List<String>> workflow = waiting("many", count + 1, () -> {});
    SteppedHost host = host(workflow);
    start(workflow);
    IntStream.range(0, count).forEach(i -> publish("e-" + i, NOON.plusMillis(i)));
    setTime(NOON.plusSeconds(1));

    var unused = host.runDue();

    EventSubscription open =
        store.getSubscriptions(List.of(new Topic(PAID.name(), "1001")), 10).get(0);
    assertThat(open.excludedEventIds()).hasSize(50).doesNotContain("e-69").contains("e-70");
    assertThat(open.subscribeAsOf()).isAfter(NOON.plusMillis(69)).isBefore(NOON.plusMillis(70));
  }

  @Test
  void eachWorkflowGetsTheEventsSinceItsOwnStart() {
    SteppedHost host = host(TWICE);
    String first = start(TWICE);
    setTime(NOON.plusSeconds(10));
    String second = start(TWICE);
    publish("between", NOON.plusSeconds(5));
    publish("after", NOON.plusSeconds(10));

    var unused = host.runDue();

    assertThat(received(TWICE, first)).containsExactly("between", "after");
    assertThat(received(TWICE, second)).containsExactly("after");
  }

  private Wait waitOf(String id) {
    LiveWorkflow live = store.getLiveWorkflow(id);
    return new Wait(live, live.pointers().get(0), new Topic(PAID.name(), "1001"));
  }

  @Test
  void theNextEventIsFoundBehindMoreEventsThanOneReadReturns() {
    Wait older = waitOf(start(TWICE));
    setTime(NOON.plusSeconds(3600));
    Wait younger = waitOf(start(TWICE));
    IntStream.range(0, 150).forEach(i -> publish("other-" + i, NOON.plusSeconds(1 + i)));
    publish("mine", NOON.plusSeconds(3601));

    Map<String, Event> next = new NextEvents(store).of(List.of(younger, older), List.of());

    assertThat(next.get(younger.pointer().id())).extracting(Event::id).isEqualTo("mine");
    assertThat(next.get(older.pointer().id())).extracting(Event::id).isEqualTo("other-0");
  }

  @Test
  void anEventThatCannotBeReadIsPassedOver() {
    String id = start(TWICE);
    publish("unreadable", NOON);
    publish("next", NOON.plusSeconds(1));
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) ->
            operation.equals("getEvents") && call.arguments().get(0).equals(List.of("unreadable"))
                ? List.of()
                : call.proceed());

    assertThat(new NextEvents(interceptor.provider()).of(waitOf(id)))
        .hasValueSatisfying(event -> assertThat(event.id()).isEqualTo("next"));
  }

  private String waitingOrder(SteppedHost host) {
    String id = client.startWorkflow(WAITING, "1001").id();
    var unused = host.runDue();
    publish("receipt", NOON);
    return id;
  }

  private static void refuseWrites(Interceptor interceptor, StoreException reason) {
    interceptor.intercept(
        (operation, call) ->
            operation.equals("writeAll")
                ? List.of(new ItemResult.Refused<>(reason))
                : call.proceed());
  }

  @Test
  void aDeliveryThatIsStaleIsRepeated() {
    String id = waitingOrder(host(WAITING));
    Interceptor interceptor = new Interceptor(store);
    AtomicInteger writes = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && writes.incrementAndGet() <= 4) {
            boolean unused = writes.get() % 2 == 1 ? client.suspend(id) : client.resume(id);
          }
          return call.proceed();
        });

    assertThat(delivery(interceptor, WAITING).deliver()).isTrue();

    assertThat(isProcessed("receipt")).isTrue();
    assertThat(client.state(WAITING, id).data()).isEqualTo("receipt");
  }

  @Test
  void aDeliveryWhoseOutcomeIsUnknownIsRepeated() {
    String id = waitingOrder(host(WAITING));
    Interceptor interceptor = new Interceptor(store);
    AtomicInteger writes = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && writes.incrementAndGet() <= 3) {
            throw new UnknownOutcomeException("writeAll", true, List.of(id), null);
          }
          return call.proceed();
        });

    assertThat(delivery(interceptor, WAITING).deliver()).isTrue();

    assertThat(writes).hasValue(4);
    assertThat(client.state(WAITING, id).data()).isEqualTo("receipt");
  }

  @Test
  void anEventWhoseDeliveryMaySucceedSoonIsGivenBack() {
    waitingOrder(host(WAITING));
    Interceptor interceptor = new Interceptor(store);
    refuseWrites(interceptor, new StoreUnavailableException("lock timeout", List.of(), null));

    assertThat(delivery(interceptor, WAITING).deliver()).isFalse();

    interceptor.pass();
    assertThat(delivery(interceptor, WAITING).deliver()).isTrue();
    assertThat(isProcessed("receipt")).isTrue();
  }

  @Test
  void aDeliveryThatIsRefusedForGoodSuspendsTheWorkflow() {
    String id = waitingOrder(host(WAITING));
    Interceptor interceptor = new Interceptor(store);
    AtomicInteger writes = new AtomicInteger();
    interceptor.intercept(
        (operation, call) ->
            operation.equals("writeAll") && writes.incrementAndGet() == 1
                ? List.of(new ItemResult.Refused<>(invalid()))
                : call.proceed());

    assertThat(delivery(interceptor, WAITING).deliver()).isTrue();

    assertThat(client.state(WAITING, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
    assertThat(isProcessed("receipt")).isTrue();
  }

  private static StoreException invalid() {
    return new InvalidValueException("WorkflowInstance", "id", "data", "is too large");
  }

  @Test
  void anEventThatCannotBeDeliveredAtAllStaysLeased() {
    waitingOrder(host(WAITING));
    Interceptor interceptor = new Interceptor(store);
    refuseWrites(interceptor, invalid());

    assertThat(delivery(interceptor, WAITING).deliver()).isFalse();

    interceptor.pass();
    assertThat(delivery(interceptor, WAITING).deliver()).isFalse();
    setTime(NOON.plusSeconds(31));
    assertThat(delivery(interceptor, WAITING).deliver()).isTrue();
    assertThat(isProcessed("receipt")).isTrue();
  }

  @Test
  void deliveriesThatAreTooLargeTogetherAreWrittenSingly() {
    SteppedHost host = host(TWICE, WAITING);
    String twice = start(TWICE);
    String id = waitingOrder(host);
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && ((List<?>) call.arguments().get(0)).size() > 1) {
            throw invalid();
          }
          return call.proceed();
        });

    assertThat(delivery(interceptor, TWICE, WAITING).deliver()).isTrue();

    assertThat(client.state(WAITING, id).hasEnded()).isTrue();
    assertThat(client.state(TWICE, twice).status()).isEqualTo(WorkflowStatus.RUNNABLE);
    assertThat(isProcessed("receipt")).isTrue();
  }

  @Test
  void aWorkflowThatHasEndedGetsNoEventThroughALeftSubscription() {
    String id = waitingOrder(host(WAITING));
    WorkflowInstance ended =
        store.persistWorkflow(
            store.getWorkflowInstance(id).toBuilder().status(WorkflowStatus.TERMINATED).build());

    assertThat(delivery(new Interceptor(store), WAITING).deliver()).isTrue();

    assertThat(isProcessed("receipt")).isTrue();
    assertThat(store.getWorkflowInstance(id)).isEqualTo(ended);
  }

  @Test
  void anEventThatIsDeletedMeanwhileIsForgotten() {
    publish("receipt", NOON);
    Interceptor interceptor = new Interceptor(store);
    AtomicInteger marks = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("markEventsProcessed")) {
            marks.incrementAndGet();
            return List.of(
                new ItemResult.Refused<>(new NotFoundException(Subject.EVENT, "receipt")));
          }
          return call.proceed();
        });

    assertThat(delivery(interceptor, WAITING).deliver()).isTrue();

    assertThat(marks).hasValue(1);
  }

  @Test
  void moreWaitsThanOneReadReturnsGetTheEvent() {
    SteppedHost other = host(TWICE);
    IntStream.range(0, 205).forEach(i -> start(TWICE));
    var unused = other.runDue();
    setTime(NOON.plusSeconds(1));
    String id = client.startWorkflow(WAITING, "1001").id();
    unused = host(WAITING).runDue();
    publish("receipt", NOON.plusSeconds(1));

    unused = host(WAITING).runDue();

    assertThat(client.state(WAITING, id).hasEnded()).isTrue();
  }
}
