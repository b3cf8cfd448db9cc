package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The general write: all of it or nothing, and only what it names. */
public abstract class WriteContract extends Contract {
  private static final Instant NOON = Samples.NOON;

  private final String topic = Samples.unique("topic");

  private static ExecutionPointer pointer(String id, PointerStatus status, String... scope) {
    return ExecutionPointer.builder(id, 1).status(status).scope(List.of(scope)).build();
  }

  private static ExecutionPointer pending() {
    return pointer(Samples.unique("pointer"), PointerStatus.PENDING);
  }

  private LiveWorkflow created(ExecutionPointer... pointers) {
    return LiveWorkflow.of(provider().create(Samples.instanceWith(pointers)));
  }

  private WorkflowInstance stored(String id) {
    return anotherHost().getWorkflowInstance(id);
  }

  private static LiveWorkflow marked(LiveWorkflow workflow, int mark) {
    return workflow.toBuilder().data(IntNode.valueOf(mark)).build();
  }

  private WriteResult write(LiveWorkflow workflow) {
    return provider().write(WorkflowWrite.of(workflow).build());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theFieldsAreWrittenAsTheyAreInTheValue(boolean isGuarded) {
    WorkflowInstance before = provider().create(Samples.instance());
    WorkflowInstance full =
        Samples.fullInstance().toBuilder()
            .id(before.id())
            .revision(isGuarded ? before.revision() : null)
            .build();

    LiveWorkflow result = provider().write(WorkflowWrite.of(full).build()).workflow();

    assertThat(result).isEqualTo(LiveWorkflow.of(full));
    assertThat(stored(before.id())).isEqualTo(full);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fieldsThatAreAbsentInTheValueAreRemoved(boolean isGuarded) {
    WorkflowInstance before = provider().create(Samples.fullInstance());
    WorkflowInstance small =
        Samples.instance().toBuilder()
            .id(before.id())
            .executionPointers(before.executionPointers())
            .nextExecution(null)
            .revision(isGuarded ? before.revision() : null)
            .build();

    provider().write(WorkflowWrite.of(small).build());

    assertThat(stored(before.id())).isEqualTo(small);
  }

  @Test
  void anAbsentCreateTimeKeepsTheStoredOne() {
    WorkflowInstance before = provider().create(Samples.instance());

    LiveWorkflow result =
        provider()
            .write(WorkflowWrite.of(before.toBuilder().createTime(null).build()).build())
            .workflow();

    assertThat(result.createTime()).isEqualTo(before.createTime());
    assertThat(stored(before.id())).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pointersThatTheValueLacksAreLeftAlone(boolean isGuarded) {
    ExecutionPointer left = Samples.fullPointer();
    ExecutionPointer first = pending();
    LiveWorkflow before = created(first, left);
    ExecutionPointer changed = first.toBuilder().retryCount(7).build();

    write(
        before.toBuilder()
            .pointers(List.of(changed))
            .revision(isGuarded ? before.revision() : null)
            .build());

    assertThat(stored(before.id()).executionPointers()).containsExactly(changed, left);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void newPointersAreAppendedAndOthersKeepTheirPlaces(boolean isGuarded) {
    List<ExecutionPointer> old = Samples.pointers(3);
    LiveWorkflow before = created(old.toArray(new ExecutionPointer[0]));
    List<ExecutionPointer> added = Samples.pointers(2);
    ExecutionPointer changed = old.get(2).toBuilder().retryCount(1).build();

    write(
        before.toBuilder()
            .pointers(List.of(added.get(0), changed, added.get(1), old.get(0)))
            .revision(isGuarded ? before.revision() : null)
            .build());

    assertThat(stored(before.id()).executionPointers())
        .containsExactly(old.get(0), old.get(1), changed, added.get(0), added.get(1));
  }

  @Test
  void appendedPointersKeepTheirOrderOverManyWrites() {
    LiveWorkflow workflow = created();
    List<ExecutionPointer> all = new ArrayList<>();
    for (int round = 0; round < 5; round++) {
      List<ExecutionPointer> added = Samples.pointers(round);
      all.addAll(added);
      workflow =
          write(
                  workflow.toBuilder()
                      .pointers(
                          Stream.concat(workflow.pointers().stream(), added.stream()).toList())
                      .build())
              .workflow();
    }
    List<ExecutionPointer> last = Samples.pointers(2);
    all.addAll(last);
    write(provider().getLiveWorkflow(workflow.id()).toBuilder().pointers(last).build());

    assertThat(stored(workflow.id()).executionPointers()).isEqualTo(all);
  }

  @Test
  void aPointerThatEndedAndIsNotShownKeepsItsPlace() {
    ExecutionPointer done = pending();
    ExecutionPointer open = pending();
    LiveWorkflow before = created(done, open);
    ExecutionPointer ended = done.toBuilder().status(PointerStatus.COMPLETE).build();
    LiveWorkflow next = write(before.toBuilder().pointers(List.of(ended, open)).build()).workflow();
    assertThat(next.pointers()).containsExactly(open);

    ExecutionPointer revived = done.toBuilder().retryCount(1).build();
    write(next.toBuilder().pointers(List.of(open, revived)).build());

    assertThat(stored(before.id()).executionPointers()).containsExactly(revived, open);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void onlyNamedPointersOfTheWorkflowAreDeleted(boolean isGuarded) {
    List<ExecutionPointer> old = Samples.pointers(3);
    LiveWorkflow before = created(old.toArray(new ExecutionPointer[0]));
    ExecutionPointer foreign = pending();
    LiveWorkflow other = created(foreign);

    LiveWorkflow result =
        provider()
            .write(
                WorkflowWrite.of(
                        before.toBuilder().revision(isGuarded ? before.revision() : null).build())
                    .deletePointers(List.of(old.get(1).id(), foreign.id(), "unknown", "a\0", ""))
                    .build())
            .workflow();

    assertThat(result.pointers()).containsExactly(old.get(0), old.get(2));
    assertThat(stored(before.id()).executionPointers()).containsExactly(old.get(0), old.get(2));
    assertThat(stored(other.id()).executionPointers()).containsExactly(foreign);
  }

  @Test
  void aPointerThatTheValueDoesNotShowIsDeletedByItsId() {
    ExecutionPointer hidden = pointer(Samples.unique("pointer"), PointerStatus.COMPLETE);
    LiveWorkflow created = created(hidden, pending());
    LiveWorkflow live = provider().getLiveWorkflow(created.id());
    assertThat(live.pointers()).hasSize(1);

    provider().write(WorkflowWrite.of(live).deletePointers(List.of(hidden.id())).build());

    assertThat(stored(created.id()).executionPointers()).isEqualTo(live.pointers());
  }

  @Test
  void aPointerThatIsBothInTheValueAndNamedIsDeleted() {
    ExecutionPointer old = pending();
    ExecutionPointer added = pending();
    LiveWorkflow before = created(old);

    LiveWorkflow result =
        provider()
            .write(
                WorkflowWrite.of(before.toBuilder().pointers(List.of(old, added)).build())
                    .deletePointers(List.of(old.id(), added.id()))
                    .build())
            .workflow();

    assertThat(result.pointers()).isEmpty();
    assertThat(stored(before.id()).executionPointers()).isEmpty();
  }

  @Test
  void theResultShowsWhatHasNotEndedAndItsScopes() {
    String outer = Samples.unique("outer");
    String inner = Samples.unique("inner");
    ExecutionPointer scope = pointer(outer, PointerStatus.COMPLETE);
    ExecutionPointer emptyScope = pointer(inner, PointerStatus.COMPLETE);
    ExecutionPointer open = pointer(Samples.unique("open"), PointerStatus.SLEEPING, outer);
    ExecutionPointer ended = pointer(Samples.unique("ended"), PointerStatus.FAILED, outer, inner);
    LiveWorkflow before = created();

    LiveWorkflow result =
        write(before.toBuilder().pointers(List.of(scope, emptyScope, open, ended)).build())
            .workflow();

    assertThat(result.pointers()).containsExactly(scope, open);
    assertThat(stored(before.id()).executionPointers())
        .containsExactly(scope, emptyScope, open, ended);
  }

  @Test
  void theNextWriteCanStartFromTheResult() {
    ExecutionPointer open = pending();
    LiveWorkflow workflow = created(open, Samples.fullPointer());
    for (int round = 0; round < 5; round++) {
      workflow = write(marked(workflow, round)).workflow();
    }

    assertThat(stored(workflow.id()).data()).isEqualTo(IntNode.valueOf(4));
    assertThat(stored(workflow.id()).executionPointers()).hasSize(2);
  }

  @Test
  void aRevisionOfAnyOriginGuardsAWrite() {
    WorkflowInstance created = provider().create(Samples.instanceWith(pending()));
    String id = created.id();

    LiveWorkflow first = write(marked(LiveWorkflow.of(created), 1)).workflow();
    WorkflowInstance read = anotherHost().getWorkflowInstance(id);
    assertStale(LiveWorkflow.of(created));
    write(marked(LiveWorkflow.of(read), 2));
    assertStale(first);
    LiveWorkflow live = anotherHost().getLiveWorkflow(id);
    assertStale(LiveWorkflow.of(read));
    write(marked(live, 3));
    assertStale(live);
    WorkflowInstance persisted = provider().persistWorkflow(provider().getWorkflowInstance(id));
    write(marked(LiveWorkflow.of(persisted), 4));
    assertStale(LiveWorkflow.of(persisted));

    assertThat(stored(id).data()).isEqualTo(IntNode.valueOf(4));
  }

  private void assertStale(LiveWorkflow workflow) {
    WorkflowInstance before = stored(workflow.id());
    assertThatThrownBy(
            () ->
                provider()
                    .write(
                        WorkflowWrite.of(marked(workflow, 99))
                            .errors(List.of(ExecutionError.now(workflow.id(), "p", "stale")))
                            .publish(List.of(Samples.event(topic, NOON)))
                            .build()))
        .isInstanceOfSatisfying(
            StaleRevisionException.class,
            stale -> {
              assertThat(stale.ids()).containsExactly(workflow.id());
              assertThat(stale.retryable()).isFalse();
            });
    assertThat(stored(workflow.id())).isEqualTo(before);
    assertThat(store().storedErrors(workflow.id())).isEmpty();
    assertThat(provider().getEventsSince(topic, "key", NOON)).isEmpty();
  }

  @Test
  void aPersistMakesAResultStaleAndAWriteAnInstance() {
    WorkflowInstance read = provider().create(Samples.instance());
    LiveWorkflow written = write(LiveWorkflow.of(read)).workflow();

    assertThatThrownBy(() -> provider().persistWorkflow(read))
        .isInstanceOf(StaleRevisionException.class);
    provider().persistWorkflow(provider().getWorkflowInstance(read.id()));
    assertStale(written);
  }

  @Test
  void withoutARevisionAWriteIsUnconditional() {
    LiveWorkflow created = created(pending());
    write(marked(created, 1));

    write(marked(created, 2).toBuilder().revision(null).build());

    assertThat(stored(created.id()).data()).isEqualTo(IntNode.valueOf(2));
  }

  @Test
  void anInstanceWithTheRevisionOfALivePartIsNotPersisted() {
    LiveWorkflow created = created(pending());
    LiveWorkflow live = provider().getLiveWorkflow(created.id());
    LiveWorkflow written = write(live).workflow();

    for (LiveWorkflow part : List.of(live, written)) {
      assertThatThrownBy(() -> provider().persistWorkflow(part.asInstance()))
          .isInstanceOfSatisfying(
              InvalidValueException.class,
              refusal -> assertThat(refusal.field()).isEqualTo("revision"));
      assertThatThrownBy(
              () -> provider().persistWorkflowWithSubscriptions(part.asInstance(), List.of()))
          .isInstanceOf(InvalidValueException.class);
    }
  }

  @Test
  void anUnknownWorkflowIsNotFound() {
    WorkflowInstance unknown = Samples.instance();

    assertThatThrownBy(
            () ->
                provider()
                    .write(
                        WorkflowWrite.of(unknown)
                            .publish(List.of(Samples.event(topic, NOON)))
                            .build()))
        .isInstanceOfSatisfying(
            NotFoundException.class,
            failure -> {
              assertThat(failure.subject()).isEqualTo(Subject.WORKFLOW);
              assertThat(failure.ids()).containsExactly(unknown.id());
            });
    assertThat(provider().getEventsSince(topic, "key", NOON)).isEmpty();
  }

  @Test
  void ofSixteenWritesOfOneVersionExactlyOneIsMade() throws Exception {
    LiveWorkflow created = created(pending());

    List<Boolean> written =
        Together.run(
            16,
            number ->
                () -> {
                  try {
                    host(number).write(WorkflowWrite.of(marked(created, number)).build());
                    return true;
                  } catch (StaleRevisionException stale) {
                    return false;
                  }
                });

    assertThat(written).containsOnlyOnce(true);
    assertThat(stored(created.id()).data()).isEqualTo(IntNode.valueOf(written.indexOf(true)));
  }

  @Test
  void concurrentUnconditionalWritesAreAllMadeOneAfterTheOther() throws Exception {
    LiveWorkflow created = created().toBuilder().revision(null).build();

    List<ExecutionPointer> added =
        Together.run(
            8,
            number ->
                () -> {
                  ExecutionPointer pointer = pending();
                  host(number)
                      .write(
                          WorkflowWrite.of(created.toBuilder().pointers(List.of(pointer)).build())
                              .build());
                  return pointer;
                });

    assertThat(stored(created.id()).executionPointers()).containsExactlyInAnyOrderElementsOf(added);
  }

  @Test
  void subscriptionsAreAddedAndTheirEventsReplayed() {
    LiveWorkflow workflow = created();
    String id = workflow.id();
    Event before = processed(NOON.minusSeconds(1));
    Event later = processed(NOON.plusSeconds(1));
    Event at = processed(NOON);
    EventSubscription named = Samples.subscription(id, topic, NOON);
    EventSubscription unnamed = named.toBuilder().id("").build();

    WriteResult result =
        provider().write(WorkflowWrite.of(workflow).subscribe(List.of(unnamed, named)).build());

    assertThat(result.subscriptionIds()).hasSize(2).doesNotContain("").endsWith(named.id());
    assertThat(provider().getSubscription(named.id())).isEqualTo(named);
    assertThat(provider().getSubscription(result.subscriptionIds().get(0)).workflowId())
        .isEqualTo(id);
    assertThat(result.replayedEventIds()).containsExactly(at.id(), later.id());
    assertThat(result.moreReplayed()).isFalse();
    assertThat(provider().getEvent(before.id()).processed()).isTrue();
    assertThat(provider().getEvent(at.id()).processed()).isFalse();
    assertThat(provider().markEventProcessed(at.id())).isFalse();
  }

  private Event processed(Instant time) {
    Event event = Samples.event(topic, time).toBuilder().processed(true).build();
    provider().createEvent(event);
    return event;
  }

  @Test
  void theResultNamesTheOldestThousandReplayedEvents() {
    List<Event> events =
        IntStream.range(0, 1_001)
            .mapToObj(i -> Samples.event(topic, NOON.plusSeconds(i)))
            .map(event -> event.toBuilder().processed(true).build())
            .toList();
    provider().createEvents(events).forEach(created -> created.orThrow());
    LiveWorkflow workflow = created();

    WriteResult result =
        provider()
            .write(
                WorkflowWrite.of(workflow)
                    .subscribe(List.of(Samples.subscription(workflow.id(), topic, NOON)))
                    .build());

    assertThat(result.replayedEventIds())
        .isEqualTo(events.stream().limit(1_000).map(Event::id).toList());
    assertThat(result.moreReplayed()).isTrue();
  }

  @Test
  void namedSubscriptionsOfTheWorkflowEndHeldOrNot() {
    LiveWorkflow workflow = created();
    EventSubscription open = subscribed(workflow.id());
    EventSubscription held = subscribed(workflow.id());
    EventSubscription left = subscribed(workflow.id());
    EventSubscription foreign = subscribed(created().id());
    provider().setSubscriptionToken(held.id(), "token", "worker", Duration.ofHours(1));

    provider()
        .write(
            WorkflowWrite.of(workflow)
                .endSubscriptions(List.of(open.id(), held.id(), foreign.id(), "unknown", "a\0", ""))
                .build());

    assertEnded(open, true);
    assertEnded(held, true);
    assertEnded(left, false);
    assertEnded(foreign, false);
  }

  private EventSubscription subscribed(String workflowId) {
    EventSubscription subscription = Samples.subscription(workflowId, topic, NOON);
    provider().createEventSubscription(subscription);
    return subscription;
  }

  private void assertEnded(EventSubscription subscription, boolean ended) {
    List<String> found =
        provider().getSubscriptions(subscription.eventName(), "key", NOON).stream()
            .map(EventSubscription::id)
            .toList();
    assertThat(!found.contains(subscription.id())).isEqualTo(ended);
  }

  @Test
  void allSubscriptionsStoredBeforeTheWriteEnd() {
    LiveWorkflow workflow = created();
    EventSubscription first = subscribed(workflow.id());
    EventSubscription second = subscribed(workflow.id());
    EventSubscription foreign = subscribed(created().id());
    EventSubscription added = Samples.subscription(workflow.id(), topic, NOON);

    provider()
        .write(WorkflowWrite.of(workflow).endAllSubscriptions().subscribe(List.of(added)).build());

    assertEnded(first, true);
    assertEnded(second, true);
    assertEnded(foreign, false);
    assertEnded(added, false);
  }

  @Test
  void anEventIsMarkedProcessedAfterItsSubscriptionEndedInAWrite() {
    LiveWorkflow workflow = created();
    EventSubscription subscription = subscribed(workflow.id());
    Event event = Samples.event(topic, NOON);
    provider().createEvent(event);
    assertThat(provider().markEventProcessed(event.id())).isFalse();

    provider()
        .write(WorkflowWrite.of(workflow).endSubscriptions(List.of(subscription.id())).build());

    assertThat(provider().markEventProcessed(event.id())).isTrue();
  }

  @Test
  void revivingReplaysTheEventsOfTheWorkflowsSubscriptions() {
    LiveWorkflow workflow = created();
    LiveWorkflow ended =
        write(workflow.toBuilder().status(WorkflowStatus.COMPLETE).build()).workflow();
    EventSubscription left = subscribed(workflow.id());
    Event event = Samples.event(topic, NOON);
    provider().createEvent(event);
    assertThat(provider().markEventProcessed(event.id())).isTrue();

    WriteResult result = write(ended.toBuilder().status(WorkflowStatus.SUSPENDED).build());

    assertThat(result.replayedEventIds()).containsExactly(event.id());
    assertThat(provider().getEvent(event.id()).processed()).isFalse();
    assertEnded(left, false);
  }

  @Test
  void aSubscriptionThatEndsInTheRevivingWriteReplaysNothing() {
    LiveWorkflow workflow = created();
    LiveWorkflow ended =
        write(workflow.toBuilder().status(WorkflowStatus.TERMINATED).build()).workflow();
    subscribed(workflow.id());
    Event event = processed(NOON);

    WriteResult result =
        provider()
            .write(
                WorkflowWrite.of(ended.toBuilder().status(WorkflowStatus.RUNNABLE).build())
                    .endAllSubscriptions()
                    .build());

    assertThat(result.replayedEventIds()).isEmpty();
    assertThat(provider().getEvent(event.id()).processed()).isTrue();
  }

  @Test
  void eventsArePublished() {
    Event named = Samples.event(topic, NOON);
    Event unnamed = Event.builder(topic, "other key").eventData(IntNode.valueOf(5)).build();

    WriteResult result =
        provider().write(WorkflowWrite.of(created()).publish(List.of(unnamed, named)).build());

    assertThat(result.eventIds()).hasSize(2).doesNotContain("").endsWith(named.id());
    assertThat(provider().getEvent(named.id())).isEqualTo(named);
    Event stored = provider().getEvent(result.eventIds().get(0));
    assertThat(stored.eventTime()).isNotNull();
    assertThat(stored.eventData()).isEqualTo(IntNode.valueOf(5));
    assertThat(stored.processed()).isFalse();
  }

  @Test
  void anEventPublishedWithASubscriptionToItIsHeldBack() {
    LiveWorkflow workflow = created();
    Event event = Samples.event(topic, NOON);

    provider()
        .write(
            WorkflowWrite.of(workflow)
                .publish(List.of(event))
                .subscribe(List.of(Samples.subscription(workflow.id(), topic, NOON)))
                .build());

    assertThat(provider().markEventProcessed(event.id())).isFalse();
  }

  @Test
  void instancesAreCreated() {
    WorkflowInstance full = Samples.fullInstance();
    WorkflowInstance unnamed =
        WorkflowInstance.builder("definition", 1).executionPointers(Samples.pointers(3)).build();

    WriteResult result =
        provider().write(WorkflowWrite.of(created()).create(List.of(unnamed, full)).build());

    assertThat(result.instanceIds()).hasSize(2).doesNotContain("").endsWith(full.id());
    assertThat(stored(full.id())).isEqualTo(full);
    WorkflowInstance stored = stored(result.instanceIds().get(0));
    assertThat(stored.name()).isEqualTo(stored.id());
    assertThat(stored.createTime()).isNotNull();
    assertThat(stored.executionPointers()).isEqualTo(unnamed.executionPointers());
  }

  @Test
  void errorsAreStoredAndCommandsScheduled() {
    LiveWorkflow workflow = created();
    List<ExecutionError> errors =
        List.of(
            new ExecutionError(NOON, workflow.id(), "p", "first"),
            new ExecutionError(NOON, workflow.id(), "", "second"));
    store().empty();
    LiveWorkflow again = LiveWorkflow.of(provider().create(workflow.asInstance()));
    provider().scheduleCommand(ScheduledCommand.processWorkflow("w", 1));

    WriteResult result =
        provider()
            .write(
                WorkflowWrite.of(again)
                    .errors(errors)
                    .schedule(
                        List.of(
                            ScheduledCommand.processWorkflow("w", 3),
                            ScheduledCommand.processEvent("e", 5),
                            ScheduledCommand.processEvent("e", 2)))
                    .build());

    assertThat(result.errorIds()).hasSize(2).doesNotHaveDuplicates();
    assertThat(store().storedErrors(workflow.id())).containsExactlyInAnyOrderElementsOf(errors);
    List<ScheduledCommand> commands = new ArrayList<>();
    provider().processCommands(Instant.MAX, commands::add);
    assertThat(commands)
        .containsExactly(
            ScheduledCommand.processEvent("e", 2), ScheduledCommand.processWorkflow("w", 3));
  }

  @Test
  void aDelayCountsFromTheDatabasesTime() {
    LiveWorkflow workflow = created();
    long now = delayed(workflow, Duration.ZERO);

    assertThat(delayed(workflow, Duration.ofDays(1)) - now)
        .isBetween(Duration.ofDays(1).toMillis(), Duration.ofDays(1).plusHours(1).toMillis());
    assertThat(delayed(workflow, Duration.ofNanos(5_999_999)) - now)
        .isBetween(5L, Duration.ofHours(1).toMillis());
    assertThat(delayed(workflow, Duration.ofDays(100_000))).isGreaterThan(now);
    assertThat(stored(workflow.id()).nextExecution()).isGreaterThan(now);
  }

  /** When it is due after an unconditional write with the delay. */
  private long delayed(LiveWorkflow workflow, Duration delay) {
    LiveWorkflow result =
        provider()
            .write(
                WorkflowWrite.of(workflow.toBuilder().nextExecution(7L).revision(null).build())
                    .dueAfter(delay)
                    .build())
            .workflow();
    assertThat(stored(workflow.id()).nextExecution()).isEqualTo(result.nextExecution());
    return Objects.requireNonNull(result.nextExecution());
  }

  /** A part of a write that collides with what is stored. */
  private record Collision(Subject subject, String field, Spoiler spoiler) {
    /** Adds the part, and returns the value that is taken. */
    interface Spoiler {
      String spoil(Taken taken, WorkflowWrite.Builder write);
    }

    @Override
    public String toString() {
      return field + " of " + subject.label();
    }
  }

  /** Values whose keys are taken. */
  private record Taken(WorkflowInstance instance, EventSubscription subscription, Event event) {
    String pointerId() {
      return instance.executionPointers().get(0).id();
    }
  }

  static Stream<Collision> collisions() {
    return Stream.of(
        new Collision(
            Subject.SUBSCRIPTION,
            "id",
            (taken, write) -> {
              write.subscribe(List.of(taken.subscription()));
              return taken.subscription().id();
            }),
        new Collision(
            Subject.EVENT,
            "id",
            (taken, write) -> {
              write.publish(List.of(taken.event()));
              return taken.event().id();
            }),
        new Collision(
            Subject.WORKFLOW,
            "id",
            (taken, write) -> {
              write.create(
                  List.of(Samples.instance().toBuilder().id(taken.instance().id()).build()));
              return taken.instance().id();
            }),
        new Collision(
            Subject.WORKFLOW,
            "name",
            (taken, write) -> {
              write.create(
                  List.of(Samples.instance().toBuilder().name(taken.instance().name()).build()));
              return taken.instance().name();
            }),
        new Collision(
            Subject.EXECUTION_POINTER,
            "id",
            (taken, write) -> {
              write.create(List.of(Samples.instanceWith(pointer(taken))));
              return taken.pointerId();
            }));
  }

  private static ExecutionPointer pointer(Taken taken) {
    return ExecutionPointer.builder(taken.pointerId(), 1).build();
  }

  private Taken taken() {
    Taken taken =
        new Taken(
            Samples.instanceWith(pending()),
            Samples.subscription("workflow", Samples.unique("topic"), NOON),
            Samples.event(Samples.unique("topic"), NOON));
    provider().createNewWorkflow(taken.instance());
    provider().createEventSubscription(taken.subscription());
    provider().createEvent(taken.event());
    return taken;
  }

  @ParameterizedTest
  @MethodSource("collisions")
  void aCollisionOfAnyPartLeavesNothingOfTheWrite(Collision collision) {
    Taken taken = taken();
    LiveWorkflow before = created(pending());
    WorkflowWrite.Builder write = WorkflowWrite.of(changed(before));
    Parts parts = new Parts(before.id(), topic);
    parts.addTo(write);
    String value = collision.spoiler().spoil(taken, write);

    assertDuplicate(collision.subject(), collision.field(), value, write);

    assertThat(stored(before.id())).isEqualTo(before.asInstance());
    parts.assertMissing();
    provider().write(WorkflowWrite.of(before).build());
  }

  private static LiveWorkflow changed(LiveWorkflow workflow) {
    return marked(workflow, 1).toBuilder().pointers(List.of(pending())).build();
  }

  private void assertDuplicate(
      Subject subject, String field, String value, WorkflowWrite.Builder write) {
    assertThatThrownBy(() -> provider().write(write.build()))
        .isInstanceOfSatisfying(
            DuplicateException.class,
            duplicate -> {
              assertThat(duplicate.subject()).isEqualTo(subject);
              assertThat(duplicate.field()).isEqualTo(field);
              assertThat(duplicate.value()).isEqualTo(value);
            });
  }

  @Test
  void aTakenNameOrPointerOfTheWorkflowLeavesNothingOfTheWrite() {
    Taken taken = taken();
    LiveWorkflow before = created(pending());
    Parts parts = new Parts(before.id(), topic);
    WorkflowWrite.Builder named =
        WorkflowWrite.of(changed(before).toBuilder().name(taken.instance().name()).build());
    WorkflowWrite.Builder pointed =
        WorkflowWrite.of(changed(before).toBuilder().pointers(List.of(pointer(taken))).build());
    parts.addTo(named);
    parts.addTo(pointed);

    assertDuplicate(Subject.WORKFLOW, "name", taken.instance().name(), named);
    assertDuplicate(Subject.EXECUTION_POINTER, "id", taken.pointerId(), pointed);

    assertThat(stored(before.id())).isEqualTo(before.asInstance());
    assertThat(stored(taken.instance().id())).isEqualTo(taken.instance());
    parts.assertMissing();
  }

  /** A part of each kind, none of which is stored after a refusal. */
  private final class Parts {
    private final EventSubscription subscription;
    private final EventSubscription ended;
    private final Event event;
    private final WorkflowInstance instance = Samples.instance();
    private final ExecutionError error;

    Parts(String workflowId, String topic) {
      subscription = Samples.subscription(workflowId, topic, NOON);
      ended = subscribed(workflowId);
      event = Samples.event(topic, NOON);
      error = ExecutionError.now(workflowId, "p", "m");
    }

    /** Keeps room for what the test spoils. */
    void addTo(WorkflowWrite.Builder write) {
      write
          .subscribe(List.of(subscription))
          .endSubscriptions(List.of(ended.id()))
          .publish(List.of(event))
          .create(List.of(instance))
          .errors(List.of(error))
          .schedule(List.of(ScheduledCommand.processWorkflow(instance.id(), 1)));
    }

    void assertMissing() {
      assertMissingSubscription();
      assertEnded(ended, false);
      assertNotFound(() -> provider().getEvent(event.id()));
      assertNotFound(() -> provider().getWorkflowInstance(instance.id()));
      assertThat(store().storedErrors(error.workflowId())).isEmpty();
      List<String> commands = new ArrayList<>();
      provider().processCommands(Instant.MAX, command -> commands.add(command.data()));
      assertThat(commands).doesNotContain(instance.id());
    }

    private void assertMissingSubscription() {
      assertNotFound(() -> provider().getSubscription(subscription.id()));
    }
  }

  private static void assertNotFound(Runnable read) {
    assertThatThrownBy(read::run).isInstanceOf(NotFoundException.class);
  }

  @Test
  void anIdThatIsUsedTwiceInAWriteIsRefused() {
    LiveWorkflow before = created(pending());
    Event event = Samples.event(topic, NOON);
    WorkflowInstance instance = Samples.instanceWith(pending());
    WorkflowInstance sameId = Samples.instance().toBuilder().id(instance.id()).build();
    WorkflowInstance sameName = Samples.instance().toBuilder().name(instance.name()).build();
    WorkflowInstance samePointer =
        Samples.instanceWith(instance.executionPointers().toArray(new ExecutionPointer[0]));
    EventSubscription subscription = Samples.subscription(before.id(), topic, NOON);

    for (WorkflowWrite.Builder write :
        List.of(
            WorkflowWrite.of(before).publish(List.of(event, event)),
            WorkflowWrite.of(before).subscribe(List.of(subscription, subscription)),
            WorkflowWrite.of(before).create(List.of(instance, sameId)),
            WorkflowWrite.of(before).create(List.of(instance, sameName)),
            WorkflowWrite.of(before).create(List.of(instance, samePointer)),
            WorkflowWrite.of(before)
                .create(List.of(instance.toBuilder().id(before.id()).build())))) {
      assertThatThrownBy(() -> provider().write(write.build()))
          .isInstanceOf(StoreException.class)
          .isInstanceOf(InvalidValueException.class);
    }
    assertThat(stored(before.id())).isEqualTo(before.asInstance());
    assertNotFound(() -> provider().getWorkflowInstance(instance.id()));
    assertNotFound(() -> provider().getEvent(event.id()));
  }

  @Test
  void manyPointersAreWrittenAtOnce() {
    LiveWorkflow workflow = created();
    List<ExecutionPointer> pointers = Samples.pointers(2_000);

    LiveWorkflow result = write(workflow.toBuilder().pointers(pointers).build()).workflow();

    assertThat(result.pointers()).isEqualTo(pointers);
    assertThat(stored(workflow.id()).executionPointers()).isEqualTo(pointers);
  }
}
