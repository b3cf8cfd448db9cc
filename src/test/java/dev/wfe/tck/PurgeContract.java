package dev.wfe.tck;

import static dev.wfe.tck.Nothing.nothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.PurgeBatch;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.OldErrors;
import dev.wfe.persistence.PurgeTarget.Orphans;
import dev.wfe.persistence.PurgeTarget.ProcessedEvents;
import dev.wfe.persistence.StoredRecord;
import dev.wfe.persistence.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Deleting old rows in batches. Rows are old if they are older than a year. */
public abstract class PurgeContract extends Contract {
  private static final Duration YEAR = Duration.ofDays(365);
  private static final Instant OLD = Samples.NOON.minus(Duration.ofDays(3_650));
  private static final Instant NEW = Instant.parse("2999-01-01T00:00:00Z");
  private static final int ALL = 1_000;

  private final String definition = Samples.unique("purged definition");
  private final EndedWorkflows complete =
      new EndedWorkflows(WorkflowStatus.COMPLETE, YEAR, definition);
  private final EndedWorkflows terminated =
      new EndedWorkflows(WorkflowStatus.TERMINATED, YEAR, definition);

  @BeforeEach
  void empty() {
    store().empty();
  }

  private WorkflowInstance.Builder instance(WorkflowStatus status) {
    return Samples.instance().toBuilder()
        .workflowDefinitionId(definition)
        .status(status)
        .createTime(OLD.minusSeconds(1));
  }

  private String create(WorkflowInstance.Builder instance) {
    return provider().createNewWorkflow(instance.build());
  }

  private String complete(Instant time) {
    return create(instance(WorkflowStatus.COMPLETE).completeTime(time));
  }

  private List<String> left(List<String> ids) {
    return anotherHost().getWorkflowInstances(ids).stream().map(WorkflowInstance::id).toList();
  }

  /** Purges in batches of this size to the end. */
  private List<Integer> purge(PurgeTarget target, int limit) {
    List<Integer> deleted = new ArrayList<>();
    @Nullable Position after = null;
    do {
      PurgeBatch batch = provider().purge(target, limit, after);
      deleted.add(batch.deleted());
      after = batch.next();
    } while (after != null);
    return deleted;
  }

  @Test
  void onlyOldWorkflowsOfTheStatusAreDeleted() {
    List<String> ids =
        List.of(
            complete(OLD),
            complete(NEW),
            create(instance(WorkflowStatus.TERMINATED).completeTime(OLD)),
            create(instance(WorkflowStatus.RUNNABLE).completeTime(OLD)),
            create(instance(WorkflowStatus.SUSPENDED).completeTime(OLD)));

    assertThat(purge(complete, ALL)).containsExactly(1);

    assertThat(left(ids)).isEqualTo(ids.subList(1, 5));
    assertThat(purge(terminated, ALL)).containsExactly(1);
    assertThat(left(ids)).containsExactly(ids.get(1), ids.get(3), ids.get(4));
  }

  @Test
  void onlyWorkflowsOfTheDefinitionAreDeleted() {
    String id = complete(OLD);
    String other =
        create(instance(WorkflowStatus.COMPLETE).completeTime(OLD).workflowDefinitionId("another"));

    assertThat(purge(complete, ALL)).containsExactly(1);

    assertThat(left(List.of(id, other))).containsExactly(other);
    assertThat(purge(new EndedWorkflows(WorkflowStatus.COMPLETE, YEAR), ALL)).containsExactly(1);
    assertThat(left(List.of(other))).isEmpty();
  }

  @Test
  void aWorkflowWithoutCompleteTimeAgesFromItsLastWrite() {
    String id = create(instance(WorkflowStatus.TERMINATED));

    assertThat(purge(terminated, ALL)).containsExactly(0);
    assertThat(left(List.of(id))).containsExactly(id);

    List<Integer> deleted = new ArrayList<>();
    Together.until(
        () -> {
          deleted.addAll(purge(new EndedWorkflows(WorkflowStatus.TERMINATED, Duration.ZERO), ALL));
          return deleted.contains(1);
        });
    assertThat(left(List.of(id))).isEmpty();
  }

  @Test
  void whatBelongsToAPurgedWorkflowIsDeletedWithIt() {
    String id =
        create(
            instance(WorkflowStatus.COMPLETE)
                .completeTime(OLD)
                .executionPointers(Samples.pointers(3)));
    provider().createEventSubscription(Samples.subscription(id, definition, OLD));
    provider().persistErrors(List.of(new ExecutionError(Instant.now(), id, "p", "m")));
    provider().scheduleCommand(ScheduledCommand.processWorkflow(id, 0));

    assertThat(purge(complete, ALL)).containsExactly(1);

    assertThat(anotherHost().getSubscriptions(definition, "key", Instant.MAX)).isEmpty();
    assertThat(store().storedErrors(id)).isEmpty();
    assertThat(commands()).isEmpty();
  }

  private List<String> commands() {
    List<String> commands = new ArrayList<>();
    anotherHost()
        .processCommands(
            NEW,
            command -> {
              commands.add(command.data());
              throw new IllegalStateException("only looks");
            });
    return commands;
  }

  @Test
  void batchesGoThroughAllRowsOldestFirst() {
    List<String> ids =
        IntStream.range(0, 7).mapToObj(i -> complete(OLD.plusSeconds(i / 2))).sorted().toList();
    create(instance(WorkflowStatus.COMPLETE).completeTime(OLD).workflowDefinitionId("another"));

    PurgeBatch first = provider().purge(complete, 3, null);
    assertThat(left(ids)).hasSize(7 - first.deleted());
    PurgeBatch second = provider().purge(complete, 3, first.next());
    PurgeBatch third = provider().purge(complete, 3, second.next());

    assertThat(first.next()).isNotNull();
    assertThat(second.next()).isNotNull();
    assertThat(third.next()).isNull();
    assertThat(first.deleted() + second.deleted() + third.deleted()).isEqualTo(7);
    assertThat(left(ids)).isEmpty();
  }

  @Test
  void anInterruptedPurgeGoesOnFromTheBeginning() {
    List<String> ids = IntStream.range(0, 5).mapToObj(i -> complete(OLD)).toList();
    provider().purge(complete, 2, null);

    assertThat(anotherHost().purge(complete, ALL, null)).isEqualTo(new PurgeBatch(3, null));

    assertThat(left(ids)).isEmpty();
  }

  @Test
  void onlyOldProcessedEventsAreDeleted() {
    List<Event> events =
        List.of(
            Samples.event(definition, OLD).toBuilder().processed(true).build(),
            Samples.event(definition, OLD),
            Samples.event(definition, NEW).toBuilder().processed(true).build());
    events.forEach(provider()::createEvent);

    assertThat(purge(new ProcessedEvents(YEAR), ALL)).containsExactly(1);

    assertThat(anotherHost().getEvents(definition, "key", Instant.MAX))
        .containsExactly(events.get(1).id(), events.get(2).id());
  }

  @Test
  void anEventThatASubscriptionCoversIsKept() {
    Event event = Samples.event(definition, OLD);
    provider().createEvent(event);
    provider().markEventProcessed(event.id());
    String workflow = create(instance(WorkflowStatus.SUSPENDED));
    EventSubscription subscription = Samples.subscription(workflow, definition, OLD);
    provider().createEventSubscription(subscription);
    Event later = Samples.event(definition, OLD).toBuilder().processed(true).build();
    provider().createEvent(later);

    assertThat(purge(new ProcessedEvents(YEAR), 1).stream().mapToInt(Integer::intValue).sum())
        .isZero();

    provider().deleteWorkflow(workflow);
    provider().markEventProcessed(event.id());
    assertThat(purge(new ProcessedEvents(YEAR), ALL)).containsExactly(2);
    assertThat(anotherHost().getEvents(definition, "key", Instant.MAX)).isEmpty();
  }

  @Test
  void onlyOldErrorsAreDeleted() {
    provider()
        .persistErrors(
            List.of(
                new ExecutionError(OLD, definition, "p", "old"),
                new ExecutionError(NEW, definition, "p", "new"),
                new ExecutionError(OLD.plusSeconds(1), definition, "p", "old too")));

    assertThat(purge(new OldErrors(YEAR), 1)).containsExactly(1, 1, 0);

    assertThat(store().storedErrors(definition))
        .extracting(ExecutionError::message)
        .containsExactly("new");
  }

  @Test
  void onlyOldOrphansAreDeleted() {
    String workflow = create(instance(WorkflowStatus.RUNNABLE));
    String event = provider().createEvent(Samples.event(definition, OLD));
    List<ScheduledCommand> commands =
        List.of(
            ScheduledCommand.processWorkflow(workflow, -1),
            ScheduledCommand.processWorkflow("nothing", -1),
            ScheduledCommand.processWorkflow("nothing yet", NEW.toEpochMilli()),
            ScheduledCommand.processEvent(event, 0),
            ScheduledCommand.processEvent("nothing", 1));
    commands.forEach(provider()::scheduleCommand);
    String kept =
        provider().createEventSubscription(Samples.subscription(workflow, definition, OLD));
    provider().createEventSubscription(Samples.subscription("nothing", definition, OLD));
    String young =
        provider().createEventSubscription(Samples.subscription("nothing", definition, NEW));

    assertThat(purge(new Orphans(Orphans.Of.COMMANDS, YEAR), 2)).containsExactly(1, 1, 0);
    assertThat(purge(new Orphans(Orphans.Of.SUBSCRIPTIONS, YEAR), ALL)).containsExactly(1);
    assertThat(purge(new Orphans(Orphans.Of.WORKFLOW_LEASES, YEAR), ALL)).containsExactly(0);
    assertThat(purge(new Orphans(Orphans.Of.EVENT_LEASES, YEAR), ALL)).containsExactly(0);

    assertThat(commands()).containsExactly(workflow, event, "nothing yet");
    assertThat(anotherHost().getSubscriptions(definition, "key", Instant.MAX))
        .extracting(EventSubscription::id)
        .containsExactly(kept, young);
  }

  @Test
  void theCountIsExactUpToTheLimitAndDeletesNothing() {
    List<String> ids = IntStream.range(0, 3).mapToObj(i -> complete(OLD)).toList();
    complete(NEW);

    assertThat(provider().getPurgeableCount(complete, ALL)).isEqualTo(3);
    assertThat(provider().getPurgeableCount(complete, 3)).isEqualTo(3);
    assertThat(provider().getPurgeableCount(complete, 2)).isEqualTo(2);
    assertThat(provider().getPurgeableCount(terminated, ALL)).isZero();
    assertThat(left(ids)).isEqualTo(ids);
  }

  @Test
  void everyTargetIsCounted() {
    provider().persistErrors(List.of(new ExecutionError(OLD, "w", "p", "old")));
    provider().createEvent(Samples.event(definition, OLD).toBuilder().processed(true).build());
    provider().scheduleCommand(ScheduledCommand.processWorkflow("nothing", 0));
    provider().createEventSubscription(Samples.subscription("nothing", "other", OLD));

    assertThat(provider().getPurgeableCount(new OldErrors(YEAR), ALL)).isOne();
    assertThat(provider().getPurgeableCount(new ProcessedEvents(YEAR), ALL)).isOne();
    assertThat(provider().getPurgeableCount(new Orphans(Orphans.Of.COMMANDS, YEAR), ALL)).isOne();
    assertThat(provider().getPurgeableCount(new Orphans(Orphans.Of.SUBSCRIPTIONS, YEAR), ALL))
        .isOne();
    assertThat(provider().getPurgeableCount(new Orphans(Orphans.Of.EVENT_LEASES, YEAR), ALL))
        .isZero();
  }

  @Test
  void aPurgeIsNoPartOfATransaction() {
    assertThatThrownBy(
            () ->
                provider()
                    .inTransaction(
                        transaction -> transaction.provider().purge(complete, ALL, null)))
        .isInstanceOf(CallerTransactionException.class);
  }

  /** A call that is refused, and what the message names. */
  record BadCall(String field, Consumer<PersistenceProvider> call) {
    @Override
    public String toString() {
      return field;
    }
  }

  private static BadCall bad(String field, Consumer<PersistenceProvider> call) {
    return new BadCall(field, call);
  }

  static Stream<BadCall> badCalls() {
    OldErrors errors = new OldErrors(YEAR);
    Orphans orphans = new Orphans(Orphans.Of.COMMANDS, YEAR);
    StoredRecord event = new StoredRecord.OfEvent(Samples.event("topic", OLD));
    return Stream.of(
        bad("id", p -> p.deleteWorkflow(nothing())),
        bad("name", p -> p.deleteWorkflowByName(nothing())),
        bad("target", p -> p.purge(nothing(), 1, null)),
        bad("age", p -> p.purge(new OldErrors(nothing()), 1, null)),
        bad("age", p -> p.purge(new OldErrors(Duration.ofNanos(-1)), 1, null)),
        bad("age", p -> p.getPurgeableCount(new OldErrors(Duration.ofDays(100_001)), 1)),
        bad("status", p -> p.purge(new EndedWorkflows(nothing(), YEAR), 1, null)),
        bad("status", p -> p.purge(new EndedWorkflows(WorkflowStatus.RUNNABLE, YEAR), 1, null)),
        bad(
            "definitionId",
            p -> p.purge(new EndedWorkflows(WorkflowStatus.COMPLETE, YEAR, "\0"), 1, null)),
        bad("of", p -> p.purge(new Orphans(nothing(), YEAR), 1, null)),
        bad("limit", p -> p.purge(errors, 0, null)),
        bad("limit", p -> p.purge(errors, 10_001, null)),
        bad("limit", p -> p.getPurgeableCount(errors, 0)),
        bad("limit", p -> p.getPurgeableRecords(errors, 0, 1, null)),
        bad("limit", p -> p.getRecords(Subject.EVENT, 0, 1, null)),
        bad("maxBytes", p -> p.getPurgeableRecords(errors, 1, 0, null)),
        bad("maxBytes", p -> p.getRecords(Subject.EVENT, 1, 0, null)),
        bad("after.time", p -> p.purge(errors, 1, new Position(nothing(), "1"))),
        bad("after.id", p -> p.purge(errors, 1, new Position(OLD, nothing()))),
        bad("after.id", p -> p.purge(errors, 1, new Position(OLD, "one"))),
        bad("after.id", p -> p.purge(orphans, 1, new Position(OLD, ""))),
        bad("after.id", p -> p.getRecords(Subject.ERROR, 1, 1, new Position(OLD, "one"))),
        bad("target", p -> p.getPurgeableRecords(orphans, 1, 1, null)),
        bad("target", p -> p.purge(orphans, List.of())),
        bad("records", p -> p.purge(errors, nothing())),
        bad("records[0]", p -> p.purge(errors, List.of(event))),
        bad("records", p -> p.purge(errors, Collections.nCopies(10_001, event))),
        bad("subject", p -> p.getRecords(nothing(), 1, 1, null)),
        bad("subject", p -> p.getRecords(Subject.COMMAND, 1, 1, null)));
  }

  @ParameterizedTest
  @MethodSource("badCalls")
  void aBadParameterIsRefusedByName(BadCall bad) {
    assertThatThrownBy(() -> bad.call().accept(provider()))
        .isInstanceOfSatisfying(
            InvalidValueException.class,
            refusal -> assertThat(refusal.field()).isEqualTo(bad.field()));
  }

  @Test
  void anyInstantIsAccepted() {
    List<String> ids = List.of(complete(OLD));
    for (Instant time : List.of(Instant.MAX, Instant.MIN)) {
      provider().purge(new ProcessedEvents(YEAR), 1, new Position(time, ""));
      provider().purge(new Orphans(Orphans.Of.COMMANDS, YEAR), 1, new Position(time, "1"));
    }
    assertThat(provider().purge(complete, 1, new Position(Instant.MAX, "")))
        .isEqualTo(new PurgeBatch(0, null));
    assertThat(left(ids)).isEqualTo(ids);
    assertThat(provider().purge(complete, 2, new Position(Instant.MIN, "")))
        .isEqualTo(new PurgeBatch(1, null));
  }
}
