package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Batches: one result for each element, and one refusal never affects another element. */
public abstract class BatchContract extends Contract {
  private static final Instant NOON = Samples.NOON;

  private static <T> T refusal(ItemResult<?> result, Class<T> type) {
    assertThat(result).isInstanceOf(ItemResult.Refused.class);
    StoreException reason = ((ItemResult.Refused<?>) result).reason();
    assertThat(reason).isInstanceOf(type);
    assertThatThrownBy(result::orThrow).isSameAs(reason);
    return type.cast(reason);
  }

  /** As {@link List#of}, with nulls. */
  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  private static <T> List<T> listOf(T... elements) {
    return new ArrayList<>(Arrays.asList(elements));
  }

  private static ExecutionPointer pointer() {
    return ExecutionPointer.builder(1).build();
  }

  @Test
  void eachInstanceIsCreatedOrRefusedByItself() {
    WorkflowInstance stored = provider().create(Samples.instanceWith(pointer()));
    WorkflowInstance good = Samples.fullInstance();
    WorkflowInstance takenId = Samples.instance().toBuilder().id(stored.id()).build();
    WorkflowInstance takenName = Samples.instance().toBuilder().name(stored.name()).build();
    WorkflowInstance takenPointer =
        Samples.instanceWith(pointer(), stored.executionPointers().get(0));
    WorkflowInstance invalid = Samples.instance().toBuilder().version(-1).build();
    WorkflowInstance unnamed = WorkflowInstance.builder("definition", 1).build();

    List<ItemResult<WorkflowInstance>> results =
        provider()
            .createAll(
                listOf(
                    takenId, good, takenName, takenPointer, invalid, Nothing.nothing(), unnamed));

    assertThat(results).hasSize(7);
    assertThat(refusal(results.get(0), DuplicateException.class).value()).isEqualTo(stored.id());
    assertThat(results.get(1).orThrow()).isEqualTo(good);
    assertThat(refusal(results.get(2), DuplicateException.class).field()).isEqualTo("name");
    assertThat(refusal(results.get(3), DuplicateException.class).value())
        .isEqualTo(stored.executionPointers().get(0).id());
    assertThat(refusal(results.get(4), InvalidValueException.class).field()).isEqualTo("version");
    refusal(results.get(5), InvalidValueException.class);
    WorkflowInstance assigned = results.get(6).orThrow();
    assertThat(assigned.id()).isNotEmpty();
    assertThat(assigned.name()).isEqualTo(assigned.id());
    assertThat(assigned.createTime()).isNotNull();
    assertThat(anotherHost().getWorkflowInstances(List.of(good.id(), assigned.id(), stored.id())))
        .containsExactly(good, assigned, stored);
    for (WorkflowInstance refused : List.of(takenName, takenPointer, invalid)) {
      assertThatThrownBy(() -> provider().getWorkflowInstance(refused.id()))
          .isInstanceOf(NotFoundException.class);
    }
    assertThat(anotherHost().getWorkflowInstance(stored.id())).isEqualTo(stored);
  }

  @Test
  void ofInstancesWithTheSameKeysTheFirstIsCreated() {
    WorkflowInstance first = Samples.instanceWith(pointer());
    WorkflowInstance sameId = Samples.instance().toBuilder().id(first.id()).build();
    WorkflowInstance sameName = Samples.instance().toBuilder().name(first.name()).build();
    WorkflowInstance samePointer = Samples.instanceWith(first.executionPointers().get(0));
    WorkflowInstance last = Samples.instance();

    List<ItemResult<WorkflowInstance>> results =
        provider().createAll(List.of(first, sameId, sameName, samePointer, last));

    assertThat(results.get(0).orThrow()).isEqualTo(first);
    assertThat(refusal(results.get(1), DuplicateException.class).value()).isEqualTo(first.id());
    assertThat(refusal(results.get(2), DuplicateException.class).value()).isEqualTo(first.name());
    assertThat(refusal(results.get(3), DuplicateException.class).value())
        .isEqualTo(first.executionPointers().get(0).id());
    assertThat(results.get(4).orThrow()).isEqualTo(last);
    assertThat(anotherHost().getWorkflowInstance(first.id())).isEqualTo(first);
  }

  @Test
  void aCreatedInstanceIsPersistedWithoutARead() {
    WorkflowInstance single = provider().create(Samples.fullInstance());
    WorkflowInstance batched =
        provider().createAll(List.of(Samples.fullInstance())).get(0).orThrow();

    for (WorkflowInstance created : List.of(single, batched)) {
      assertThat(created.revision()).isNotNull();
      WorkflowInstance changed = created.toBuilder().reference("changed").build();
      assertThat(provider().persistWorkflow(changed)).isEqualTo(changed);
      assertThatThrownBy(() -> provider().persistWorkflow(changed))
          .isInstanceOf(StaleRevisionException.class);
    }
  }

  @Test
  void aCreatedInstanceHasItsAssignedFields() {
    WorkflowInstance created = provider().create(WorkflowInstance.builder("definition", 1).build());

    assertThat(created.name()).isEqualTo(created.id()).isNotEmpty();
    assertThat(anotherHost().getWorkflowInstance(created.id())).isEqualTo(created);
    assertThatThrownBy(() -> provider().create(created)).isInstanceOf(DuplicateException.class);
  }

  @Test
  void manyInstancesAreCreatedAtOnce() {
    List<WorkflowInstance> instances =
        IntStream.range(0, 1_000).mapToObj(i -> Samples.instanceWith(pointer())).toList();

    List<WorkflowInstance> created =
        provider().createAll(instances).stream().map(ItemResult::orThrow).toList();

    assertThat(created).isEqualTo(instances);
    assertThat(
            anotherHost()
                .getWorkflowInstances(instances.stream().map(WorkflowInstance::id).toList()))
        .isEqualTo(instances);
  }

  private LiveWorkflow created() {
    return LiveWorkflow.of(provider().create(Samples.instanceWith(pointer())));
  }

  private static WorkflowWrite write(LiveWorkflow workflow, int mark) {
    return WorkflowWrite.of(workflow.toBuilder().data(IntNode.valueOf(mark)).build()).build();
  }

  private JsonNode dataOf(LiveWorkflow workflow) {
    return anotherHost().getWorkflowInstance(workflow.id()).data();
  }

  @Test
  void eachWriteIsMadeOrRefusedByItself() {
    LiveWorkflow good = created();
    LiveWorkflow stale = created();
    provider().write(write(stale, 1));
    LiveWorkflow invalid = created();
    LiveWorkflow collides = created();
    LiveWorkflow unconditional = created().toBuilder().revision(null).build();
    Event taken = Samples.event(Samples.unique("topic"), NOON);
    provider().createEvent(taken);
    WorkflowWrite spoilt =
        WorkflowWrite.of(invalid.toBuilder().version(-1).data(IntNode.valueOf(2)).build()).build();
    WorkflowWrite colliding =
        WorkflowWrite.of(collides.toBuilder().data(IntNode.valueOf(2)).build())
            .publish(List.of(taken))
            .errors(List.of(ExecutionError.now(collides.id(), "p", "m")))
            .build();

    List<ItemResult<WriteResult>> results =
        provider()
            .writeAll(
                listOf(
                    write(stale, 2),
                    write(good, 2),
                    write(LiveWorkflow.of(Samples.instance()), 2),
                    spoilt,
                    colliding,
                    Nothing.nothing(),
                    write(unconditional, 2)));

    assertThat(results).hasSize(7);
    refusal(results.get(0), StaleRevisionException.class);
    assertThat(results.get(1).orThrow().workflow().data()).isEqualTo(IntNode.valueOf(2));
    refusal(results.get(2), NotFoundException.class);
    refusal(results.get(3), InvalidValueException.class);
    assertThat(refusal(results.get(4), DuplicateException.class).value()).isEqualTo(taken.id());
    refusal(results.get(5), InvalidValueException.class);
    assertThat(results.get(6).orThrow().workflow().data()).isEqualTo(IntNode.valueOf(2));
    assertThat(dataOf(stale)).isEqualTo(IntNode.valueOf(1));
    assertThat(dataOf(good)).isEqualTo(IntNode.valueOf(2));
    assertThat(dataOf(invalid)).isEqualTo(invalid.data());
    assertThat(dataOf(collides)).isEqualTo(collides.data());
    assertThat(store().storedErrors(collides.id())).isEmpty();
    assertThat(dataOf(unconditional)).isEqualTo(IntNode.valueOf(2));
  }

  @Test
  void writesOfOneWorkflowAreMadeOneAfterTheOther() {
    LiveWorkflow workflow = created();
    LiveWorkflow unguarded = workflow.toBuilder().revision(null).build();

    List<ItemResult<WriteResult>> results =
        provider()
            .writeAll(
                List.of(
                    write(workflow, 1),
                    write(unguarded, 2),
                    write(workflow, 3),
                    write(unguarded, 4)));

    results.get(0).orThrow();
    results.get(1).orThrow();
    refusal(results.get(2), StaleRevisionException.class);
    LiveWorkflow last = results.get(3).orThrow().workflow();
    assertThat(dataOf(workflow)).isEqualTo(IntNode.valueOf(4));
    provider().write(write(last, 5));
    assertThat(dataOf(workflow)).isEqualTo(IntNode.valueOf(5));
  }

  @Test
  void aWriteOfABatchHasTheSameResultAsASingleOne() {
    LiveWorkflow workflow = created();
    String topic = Samples.unique("topic");
    EventSubscription subscription = Samples.subscription(workflow.id(), topic, NOON);
    Event replayed = Samples.event(topic, NOON).toBuilder().processed(true).build();
    provider().createEvent(replayed);
    Event published = Samples.event(topic, NOON.minusSeconds(1));
    WorkflowInstance child = Samples.fullInstance();

    WriteResult result =
        provider()
            .writeAll(
                List.of(
                    write(created(), 1),
                    WorkflowWrite.of(workflow)
                        .subscribe(List.of(subscription))
                        .publish(List.of(published))
                        .create(List.of(child))
                        .errors(List.of(ExecutionError.now(workflow.id(), "p", "m")))
                        .build()))
            .get(1)
            .orThrow();

    assertThat(result.subscriptionIds()).containsExactly(subscription.id());
    assertThat(result.replayedEventIds()).containsExactly(replayed.id());
    assertThat(result.eventIds()).containsExactly(published.id());
    assertThat(result.instanceIds()).containsExactly(child.id());
    assertThat(result.errorIds()).hasSize(1);
    assertThat(provider().getWorkflowInstance(child.id())).isEqualTo(child);
    assertThat(provider().getEvent(replayed.id()).processed()).isFalse();
    provider().write(write(result.workflow(), 1));
  }

  @Test
  void manyWorkflowsAreWrittenAtOnce() {
    List<LiveWorkflow> workflows =
        provider()
            .createAll(
                IntStream.range(0, 500).mapToObj(i -> Samples.instanceWith(pointer())).toList())
            .stream()
            .map(result -> LiveWorkflow.of(result.orThrow()))
            .toList();

    List<ItemResult<WriteResult>> results =
        provider()
            .writeAll(IntStream.range(0, 500).mapToObj(i -> write(workflows.get(i), i)).toList());

    for (int i = 0; i < 500; i++) {
      assertThat(results.get(i).orThrow().workflow().id()).isEqualTo(workflows.get(i).id());
    }
    assertThat(
            anotherHost()
                .getWorkflowInstances(workflows.stream().map(LiveWorkflow::id).toList())
                .stream()
                .map(WorkflowInstance::data))
        .isEqualTo(IntStream.range(0, 500).mapToObj(IntNode::valueOf).toList());
  }

  @Test
  void ofConcurrentBatchesEachWorkflowIsWrittenOnce() throws Exception {
    List<LiveWorkflow> workflows = IntStream.range(0, 20).mapToObj(i -> created()).toList();

    List<List<Boolean>> made =
        Together.run(
            4,
            number ->
                () -> {
                  List<WorkflowWrite> writes =
                      new ArrayList<>(workflows.stream().map(w -> write(w, number)).toList());
                  Collections.rotate(writes, number * 5);
                  List<Boolean> written =
                      new ArrayList<>(
                          host(number).writeAll(writes).stream()
                              .map(result -> result instanceof ItemResult.Written<?>)
                              .toList());
                  Collections.rotate(written, -number * 5);
                  return written;
                });

    for (int i = 0; i < workflows.size(); i++) {
      int index = i;
      List<Boolean> ofOne = made.stream().map(batch -> batch.get(index)).toList();
      assertThat(ofOne).containsOnlyOnce(true);
      assertThat(dataOf(workflows.get(i))).isEqualTo(IntNode.valueOf(ofOne.indexOf(true)));
    }
  }

  @Test
  void eachEventIsCreatedOrRefusedByItself() {
    String topic = Samples.unique("topic");
    Event stored = Samples.event(topic, NOON);
    provider().createEvent(stored);
    Event good = Samples.event(topic, NOON.plusSeconds(1));
    Event unnamed = Event.builder(topic, "key").build();
    Event invalid = Samples.event("", NOON);

    List<ItemResult<String>> results =
        provider().createEvents(listOf(stored, good, unnamed, invalid, Nothing.nothing(), good));

    assertThat(refusal(results.get(0), DuplicateException.class).value()).isEqualTo(stored.id());
    assertThat(results.get(1).orThrow()).isEqualTo(good.id());
    String assigned = results.get(2).orThrow();
    assertThat(provider().getEvent(assigned).eventTime()).isNotNull();
    assertThat(refusal(results.get(3), InvalidValueException.class).field()).isEqualTo("eventName");
    refusal(results.get(4), InvalidValueException.class);
    assertThat(refusal(results.get(5), DuplicateException.class).value()).isEqualTo(good.id());
    assertThat(provider().getEvent(good.id())).isEqualTo(good);
    assertThat(provider().getEventsSince(topic, "key", NOON))
        .containsExactly(stored.id(), good.id(), assigned);
  }

  @Test
  void eachSubscriptionIsTerminatedOrNotFoundByItself() {
    EventSubscription first = Samples.subscription(Samples.unique("topic"), NOON);
    EventSubscription second = Samples.subscription(first.eventName(), NOON);
    provider().createEventSubscription(first);
    provider().createEventSubscription(second);
    provider()
        .setSubscriptionToken(
            second.id(), "token", "worker", Instant.parse("2999-01-01T00:00:00Z"));

    List<ItemResult<String>> results =
        provider()
            .terminateSubscriptions(List.of("unknown", first.id(), "a\0", second.id(), first.id()));

    assertThat(refusal(results.get(0), NotFoundException.class).ids()).containsExactly("unknown");
    assertThat(results.get(1).orThrow()).isEqualTo(first.id());
    refusal(results.get(2), NotFoundException.class);
    assertThat(results.get(3).orThrow()).isEqualTo(second.id());
    refusal(results.get(4), NotFoundException.class);
    for (EventSubscription ended : List.of(first, second)) {
      assertThatThrownBy(() -> provider().getSubscription(ended.id()))
          .isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void eachCommandIsScheduledOrRefusedByItself() {
    store().empty();
    provider().scheduleCommand(ScheduledCommand.processWorkflow("w", 9));
    ScheduledCommand earlier = ScheduledCommand.processWorkflow("w", 2);
    ScheduledCommand first = ScheduledCommand.processEvent("e", 1);
    ScheduledCommand last = ScheduledCommand.processEvent("e", 3);
    ScheduledCommand invalid = ScheduledCommand.processEvent("", 1);

    List<ItemResult<ScheduledCommand>> results =
        provider().scheduleCommands(listOf(earlier, first, invalid, Nothing.nothing(), last));

    assertThat(results.get(0).orThrow()).isEqualTo(earlier);
    assertThat(results.get(1).orThrow()).isEqualTo(first);
    assertThat(refusal(results.get(2), InvalidValueException.class).field()).isEqualTo("data");
    refusal(results.get(3), InvalidValueException.class);
    assertThat(results.get(4).orThrow()).isEqualTo(last);
    List<ScheduledCommand> due = new ArrayList<>();
    provider().processCommands(Instant.MAX, due::add);
    assertThat(due).containsExactly(earlier, last);
  }

  @Test
  void aCommandThatABatchSchedulesWhileItIsHandledIsHandledAgain() {
    store().empty();
    ScheduledCommand command = ScheduledCommand.processWorkflow("w", 1);
    provider().scheduleCommand(command);

    provider()
        .processCommands(
            Instant.MAX,
            handled ->
                provider().scheduleCommands(List.of(command)).forEach(result -> result.orThrow()));

    assertThat(provider().processCommands(Instant.MAX, handled -> {}).handled()).isEqualTo(1);
  }

  @Test
  void errorsGetDifferentIdsInTheOrderGiven() {
    ExecutionError error = ExecutionError.now(Samples.unique("workflow"), "p", "m");

    List<Long> first = provider().persistErrors(List.of(error, error, error));
    List<Long> second = provider().persistErrors(List.of(error));

    assertThat(first).hasSize(3).doesNotHaveDuplicates().doesNotContainAnyElementsOf(second);
    assertThat(second).hasSize(1);
    assertThat(provider().persistErrors(List.of())).isEmpty();
  }

  @Test
  void anEmptyBatchHasNoResults() {
    assertThat(provider().createAll(List.of())).isEmpty();
    assertThat(provider().writeAll(List.of())).isEmpty();
    assertThat(provider().createEvents(List.of())).isEmpty();
    assertThat(provider().terminateSubscriptions(List.of())).isEmpty();
    assertThat(provider().scheduleCommands(List.of())).isEmpty();
  }

  @Test
  void aBatchOfRefusalsWritesNothing() {
    WorkflowInstance invalid = Samples.instance().toBuilder().version(-1).build();

    refusal(provider().createAll(List.of(invalid)).get(0), InvalidValueException.class);
    refusal(
        provider().writeAll(List.of(WorkflowWrite.of(invalid).build())).get(0),
        InvalidValueException.class);
    assertThatThrownBy(() -> provider().getWorkflowInstance(invalid.id()))
        .isInstanceOf(NotFoundException.class);
  }
}
