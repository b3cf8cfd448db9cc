package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DueWorkflow;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Claiming due workflows and events. */
public abstract class ClaimContract extends LeasingContract {
  private static final Instant PAST = Samples.NOON;
  private static final Instant FUTURE = Instant.parse("2999-01-01T00:00:00Z");

  @Test
  void dueWorkflowsAreClaimedEarliestFirst() {
    String third = due(3);
    String first = due(-5);
    String second = due(0);
    List<String> ties = IntStream.range(0, 3).mapToObj(i -> due(Long.MIN_VALUE)).sorted().toList();

    ClaimedWorkflows claimed = claimAll(provider(), "host");

    assertThat(ids(claimed))
        .containsExactly(ties.get(0), ties.get(1), ties.get(2), first, second, third);
    assertThat(claimed.untilNextDue()).isNull();
    for (ClaimedWorkflow one : claimed.workflows()) {
      assertThat(one.attempt()).isEqualTo(1);
      assertThat(one.claim().subject()).isEqualTo(Subject.WORKFLOW);
      assertThat(one.claim().id()).isEqualTo(one.workflow().id());
      assertThat(one.claim().owner()).isEqualTo("host");
      assertThat(one.claim().epoch()).isNotNegative();
    }
  }

  @Test
  void theLivePartOfTheCurrentVersionIsReturned() {
    ExecutionPointer scope = ExecutionPointer.builder(1).status(PointerStatus.COMPLETE).build();
    ExecutionPointer open = ExecutionPointer.builder(2).scope(List.of(scope.id())).build();
    ExecutionPointer ended = ExecutionPointer.builder(3).status(PointerStatus.SKIPPED).build();
    WorkflowInstance full =
        Samples.fullInstance().toBuilder()
            .workflowDefinitionId(definition.definitionId())
            .version(definition.version())
            .status(WorkflowStatus.RUNNABLE)
            .nextExecution(1L)
            .executionPointers(List.of(ended, scope, open))
            .build();
    provider().createNewWorkflow(full);
    provider()
        .persistWorkflow(
            provider().getWorkflowInstance(full.id()).toBuilder().reference("current").build());

    LiveWorkflow live = claimAll(provider(), "host").workflows().get(0).workflow();

    assertThat(live)
        .isEqualTo(
            LiveWorkflow.of(
                full.toBuilder()
                    .reference("current")
                    .executionPointers(List.of(scope, open))
                    .build()));
    assertThat(provider().getLiveWorkflow(full.id())).isEqualTo(live);
    provider().write(WorkflowWrite.of(live).build());
    assertThat(provider().getWorkflowInstance(full.id()).executionPointers())
        .containsExactly(ended, scope, open);
  }

  @Test
  void aClaimChangesNeitherTheRevisionNorTheDueTime() {
    WorkflowInstance created = provider().create(instance().nextExecution(5L).build());

    assertThat(ids(claimAll(provider(), "host"))).containsExactly(created.id());

    WorkflowInstance stored = provider().getWorkflowInstance(created.id());
    assertThat(stored).isEqualTo(created);
    provider().persistWorkflow(created.toBuilder().reference("changed").build());
  }

  @Test
  void whatIsNotDueIsNotClaimedButItsTimeIsTold() {
    store().empty();
    due(LATER + 1_000);
    due(LATER);
    provider().createNewWorkflow(instance().nextExecution(null).build());

    ClaimedWorkflows claimed = claimAll(provider(), "host");

    assertThat(claimed.workflows()).isEmpty();
    long now = System.currentTimeMillis();
    Duration hour = Duration.ofHours(1);
    assertThat(Objects.requireNonNull(claimed.untilNextDue()))
        .isBetween(
            Duration.ofMillis(LATER - now).minus(hour), Duration.ofMillis(LATER - now).plus(hour));
  }

  @Test
  void claimTellsTheTimeOfTheStore() {
    Instant before = claimAll(provider(), "host").time();
    due(0);
    Instant during = claimAll(provider(), "host").time();

    WorkflowInstance created = provider().create(instance().createTime(Nothing.nothing()).build());

    assertThat(during).isBetween(before, Objects.requireNonNull(created.createTime()));
  }

  @Test
  void withNothingScheduledThereIsNoNextDueTime() {
    store().empty();
    provider().createNewWorkflow(instance().nextExecution(null).build());

    ClaimedWorkflows claimed = claimAll(provider(), "host");

    assertThat(claimed.workflows()).isEmpty();
    assertThat(claimed.untilNextDue()).isNull();
  }

  @Test
  void theNextTimeIsThatOfALeaseThatExpiresBeforeAnythingIsDue() {
    store().empty();
    due(0);
    due(LATER);
    claimAll(provider(), "host");

    ClaimedWorkflows second = claimAll(anotherHost(), "other");

    assertThat(second.workflows()).isEmpty();
    assertThat(second.untilNextDue()).isBetween(LONG.dividedBy(2), LONG.plusMillis(1));
  }

  @Test
  void anExpiredLeaseIsNotTheNextTime() {
    store().empty();
    due(0);
    provider().claimWorkflows(request("host", 1, SHORTEST));
    DefinitionVersion other = new DefinitionVersion("other", 1);

    Together.until(
        () ->
            provider()
                    .claimWorkflows(new ClaimRequest("other", List.of(other), 1, 1, LONG))
                    .untilNextDue()
                == null);
  }

  @Test
  void theGreatestDueTimeIsTold() {
    store().empty();
    due(Long.MAX_VALUE);

    assertThat(claimAll(provider(), "host").untilNextDue()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(value = WorkflowStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "RUNNABLE")
  void onlyRunnableWorkflowsAreClaimed(WorkflowStatus status) {
    store().empty();
    provider().createNewWorkflow(instance().status(status).nextExecution(0L).build());
    provider().createNewWorkflow(instance().status(status).nextExecution(LATER).build());

    ClaimedWorkflows claimed = claimAll(provider(), "host");

    assertThat(claimed.workflows()).isEmpty();
    assertThat(claimed.untilNextDue()).isNull();
  }

  @Test
  void onlyNamedDefinitionsAndVersionsAreClaimed() {
    String mine = due(5);
    String other = Samples.unique("definition");
    provider().createNewWorkflow(instance().version(2).nextExecution(0L).build());
    provider().createNewWorkflow(instance().workflowDefinitionId(other).nextExecution(0L).build());
    String also =
        provider()
            .createNewWorkflow(
                instance().workflowDefinitionId(other).version(7).nextExecution(1L).build());

    ClaimedWorkflows claimed =
        provider()
            .claimWorkflows(
                new ClaimRequest(
                    "host",
                    List.of(definition, new DefinitionVersion(other, 7), definition),
                    10,
                    Long.MAX_VALUE,
                    LONG));

    assertThat(ids(claimed)).containsExactly(also, mine);
  }

  @Test
  void withoutDefinitionsNothingIsClaimed() {
    due(0);

    assertThat(
            provider()
                .claimWorkflows(new ClaimRequest("host", List.of(), 10, Long.MAX_VALUE, LONG))
                .workflows())
        .isEmpty();
  }

  @Test
  void atMostTheLimitIsClaimed() {
    List<String> ids = IntStream.range(0, 5).mapToObj(i -> due(i)).toList();

    assertThat(ids(provider().claimWorkflows(request("host", 2, LONG))))
        .isEqualTo(ids.subList(0, 2));
    assertThat(ids(anotherHost().claimWorkflows(request("host", 2, LONG))))
        .isEqualTo(ids.subList(2, 4));
    assertThat(ids(provider().claimWorkflows(request("host", 2, LONG))))
        .isEqualTo(ids.subList(4, 5));
  }

  /** The data cannot be compressed to less than the bound. */
  private static TextNode data(int i) {
    StringBuilder text = new StringBuilder();
    new Random(i).ints(100_000, 'a', 'z').forEach(c -> text.append((char) c));
    return TextNode.valueOf(text.toString());
  }

  private ClaimRequest bounded(long maxBytes) {
    return new ClaimRequest("host", List.of(definition), 10, maxBytes, LONG);
  }

  @Test
  void claimingStopsWithTheWorkflowThatReachesTheBytes() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ids.add(
          provider().createNewWorkflow(instance().nextExecution((long) i).data(data(i)).build()));
    }

    assertThat(ids(provider().claimWorkflows(bounded(1)))).isEqualTo(ids.subList(0, 1));
    assertThat(ids(provider().claimWorkflows(bounded(120_000)))).isEqualTo(ids.subList(1, 3));
  }

  @Test
  void theDefinitionsOfDueWorkflowsAreToldWithTheEarliestOne() {
    DefinitionVersion later =
        new DefinitionVersion(definition.definitionId(), definition.version() + 1);
    DefinitionVersion notDue = new DefinitionVersion(Samples.unique("not due"), 1);
    due(5);
    String earliest = due(-5);
    String other =
        provider().createNewWorkflow(instance().version(later.version()).nextExecution(0L).build());
    provider()
        .createNewWorkflow(
            instance().workflowDefinitionId(notDue.definitionId()).nextExecution(LATER).build());

    assertThat(provider().getDueDefinitions())
        .hasEntrySatisfying(definition, due -> assertThat(due.id()).isEqualTo(earliest))
        .containsEntry(later, new DueWorkflow(other, 0))
        .doesNotContainKey(notDue);

    provider().claimWorkflows(request("host", 1, LONG));
    assertThat(provider().getDueDefinitions())
        .hasEntrySatisfying(definition, due -> assertThat(due.id()).isNotEqualTo(earliest));
    claimAll(provider(), "host");
    assertThat(provider().getDueDefinitions())
        .doesNotContainKey(definition)
        .containsEntry(later, new DueWorkflow(other, 0));
  }

  @Test
  void claimingStopsWithTheEventThatReachesTheBytes() {
    store().empty();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ids.add(
          provider()
              .createEvent(
                  Samples.event("topic", PAST.plusSeconds(i)).toBuilder()
                      .eventData(data(i))
                      .build()));
    }

    assertThat(eventIds(provider().claimEvents(bounded(1)))).isEqualTo(ids.subList(0, 1));
    assertThat(eventIds(provider().claimEvents(bounded(120_000)))).isEqualTo(ids.subList(1, 3));
  }

  @Test
  void aLeasedWorkflowIsNeitherClaimedNorListedAsRunnable() {
    String id = due(Long.MIN_VALUE);
    Instant asAt = Instant.ofEpochMilli(Long.MIN_VALUE);
    assertThat(provider().getRunnableInstances(asAt)).contains(id);

    claimAll(provider(), "host");

    assertThat(claimAll(anotherHost(), "host").workflows()).isEmpty();
    assertThat(anotherHost().getRunnableInstances(asAt)).doesNotContain(id);
    assertThat(anotherHost().getRunnableInstances(asAt, 1_000)).doesNotContain(id);
    assertThat(anotherHost().getRunnableInstances(asAt, 1_000, null).ids()).doesNotContain(id);
  }

  @Test
  void afterTheLeaseExpiredAWorkflowIsDueAgain() {
    ClaimedWorkflow first = claimed(SHORTEST);
    String id = first.workflow().id();

    Together.until(() -> provider().getRunnableInstances(Instant.EPOCH).contains(id));
    ClaimedWorkflow second = takenOver("second", LONG);

    assertThat(second.workflow()).isEqualTo(first.workflow());
    assertThat(second.claim().id()).isEqualTo(id);
    assertThat(second.claim()).isNotEqualTo(first.claim());
    assertThat(second.attempt()).isEqualTo(2);
  }

  @Test
  void attemptsAreCountedUntilAWriteOrARelease() {
    claimed(SHORTEST);
    assertThat(takenOver("second", SHORTEST).attempt()).isEqualTo(2);
    ClaimedWorkflow third = takenOver("third", SHORTEST);
    assertThat(third.attempt()).isEqualTo(3);
    provider()
        .write(
            WorkflowWrite.of(third.workflow())
                .under(third.claim(), WorkflowWrite.LeaseAction.KEEP)
                .build());

    ClaimedWorkflow fourth = takenOver("fourth", SHORTEST);

    assertThat(fourth.attempt()).isEqualTo(1);
    ClaimedWorkflow fifth = takenOver("fifth", LONG);
    assertThat(fifth.attempt()).isEqualTo(2);
    provider().release(List.of(fifth.claim()));
    assertThat(claimAll(provider(), "sixth").workflows().get(0).attempt()).isEqualTo(1);
  }

  @Test
  void concurrentHostsGetDisjointSets() throws Exception {
    List<String> all = IntStream.range(0, 200).mapToObj(i -> due(i)).toList();

    List<List<String>> claimed =
        Together.run(
            8,
            number ->
                () -> {
                  List<String> mine = new ArrayList<>();
                  int empty = 0;
                  while (empty < 3) {
                    List<String> ids =
                        ids(host(number).claimWorkflows(request("host " + number, 7, LONG)));
                    mine.addAll(ids);
                    empty = ids.isEmpty() ? empty + 1 : 0;
                  }
                  return mine;
                });

    assertThat(claimed.stream().flatMap(List::stream))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void ofManyContendersForAnExpiredLeaseOneTakesItOver() throws Exception {
    for (int round = 0; round < 5; round++) {
      String id = claimed(SHORTEST).workflow().id();
      Together.until(() -> provider().getRunnableInstances(Instant.EPOCH).contains(id));

      List<Integer> claimed =
          Together.run(
              8, number -> () -> claimAll(host(number), "host " + number).workflows().size());

      assertThat(claimed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1);
    }
  }

  private Event event(String name, Instant time) {
    Event event = Samples.event(name, time);
    provider().createEvent(event);
    return event;
  }

  private static List<String> eventIds(List<ClaimedEvent> claimed) {
    return claimed.stream().map(one -> one.event().id()).toList();
  }

  @Test
  void dueEventsAreClaimedOldestFirst() {
    store().empty();
    Event second = event("topic", PAST.plusSeconds(1));
    Event first = event("topic", PAST);
    Event third = event("other", PAST.plusSeconds(2));
    event("topic", FUTURE);
    provider().markEventProcessed(event("topic", PAST).id());

    List<ClaimedEvent> claimed = provider().claimEvents(request("host", 2, LONG));

    assertThat(claimed.stream().map(ClaimedEvent::event)).containsExactly(first, second);
    for (ClaimedEvent one : claimed) {
      assertThat(one.claim().subject()).isEqualTo(Subject.EVENT);
      assertThat(one.claim().id()).isEqualTo(one.event().id());
      assertThat(one.claim().owner()).isEqualTo("host");
    }
    assertThat(
            anotherHost().claimEvents(request("other", 10, LONG)).stream().map(ClaimedEvent::event))
        .containsExactly(third);
    assertThat(provider().claimEvents(request("host", 10, LONG))).isEmpty();
  }

  @Test
  void aClaimedEventIsProcessedOrClaimedAgainAfterItsLease() {
    store().empty();
    Event processed = event("topic", PAST);
    Event dropped = event("topic", PAST.plusSeconds(1));
    assertThat(provider().claimEvents(request("host", 10, SHORTEST))).hasSize(2);
    assertThat(provider().markEventProcessed(processed.id())).isTrue();

    List<ClaimedEvent> again = new ArrayList<>();
    Together.until(
        () -> {
          again.addAll(anotherHost().claimEvents(request("other", 10, LONG)));
          return !again.isEmpty();
        });

    assertThat(eventIds(again)).containsExactly(dropped.id());
  }

  @Test
  void aReleasedEventIsClaimedAtOnce() {
    store().empty();
    event("topic", PAST);
    Claim first = provider().claimEvents(request("host", 1, LONG)).get(0).claim();

    provider().release(List.of(first));

    Claim second = anotherHost().claimEvents(request("host", 1, LONG)).get(0).claim();
    assertThat(second).isNotEqualTo(first);
    assertThat(provider().renew(List.of(first, second), LONG)).containsExactly(second);
  }

  @Test
  void concurrentHostsGetDisjointEvents() throws Exception {
    store().empty();
    List<Event> events =
        IntStream.range(0, 200).mapToObj(i -> Samples.event("topic", PAST.plusSeconds(i))).toList();
    provider().createEvents(events).forEach(created -> created.orThrow());

    List<List<String>> claimed =
        Together.run(
            8,
            number ->
                () -> {
                  List<String> mine = new ArrayList<>();
                  int empty = 0;
                  while (empty < 3) {
                    List<String> ids =
                        eventIds(host(number).claimEvents(request("h" + number, 7, LONG)));
                    mine.addAll(ids);
                    empty = ids.isEmpty() ? empty + 1 : 0;
                  }
                  return mine;
                });

    assertThat(claimed.stream().flatMap(List::stream))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(events.stream().map(Event::id).toList());
  }
}
