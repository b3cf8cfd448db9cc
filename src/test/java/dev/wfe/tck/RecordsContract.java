package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.OldErrors;
import dev.wfe.persistence.PurgeTarget.ProcessedEvents;
import dev.wfe.persistence.RecordPage;
import dev.wfe.persistence.StoredRecord;
import dev.wfe.persistence.StoredRecord.OfError;
import dev.wfe.persistence.StoredRecord.OfEvent;
import dev.wfe.persistence.StoredRecord.OfWorkflow;
import dev.wfe.persistence.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading what is exported, and deleting what was exported. */
public abstract class RecordsContract extends Contract {
  private static final Duration YEAR = Duration.ofDays(365);
  private static final Instant OLD = Samples.NOON.minus(Duration.ofDays(3_650));
  private static final EndedWorkflows COMPLETE = new EndedWorkflows(WorkflowStatus.COMPLETE, YEAR);
  private static final int ALL = 1_000;

  private final String topic = Samples.unique("topic");

  @BeforeEach
  void empty() {
    store().empty();
  }

  private WorkflowInstance ended(int second) {
    WorkflowInstance instance =
        Samples.instance().toBuilder()
            .status(WorkflowStatus.COMPLETE)
            .createTime(OLD.minusSeconds(1))
            .completeTime(OLD.plusSeconds(second))
            .executionPointers(Samples.pointers(2))
            .data(Samples.object())
            .build();
    provider().createNewWorkflow(instance);
    return instance;
  }

  private static List<StoredRecord> all(int limit, Function<@Nullable Position, RecordPage> pages) {
    List<StoredRecord> records = new ArrayList<>();
    @Nullable Position after = null;
    do {
      RecordPage page = pages.apply(after);
      assertThat(page.records()).hasSizeLessThanOrEqualTo(limit);
      records.addAll(page.records());
      after = page.next();
    } while (after != null);
    return records;
  }

  private List<StoredRecord> purgeable(PurgeTarget target) {
    return all(ALL, after -> provider().getPurgeableRecords(target, ALL, Long.MAX_VALUE, after));
  }

  @Test
  void aRecordShowsAWorkflowWithAllThatBelongsToIt() {
    WorkflowInstance instance = ended(0);
    EventSubscription subscription = Samples.subscription(instance.id(), topic, OLD);
    provider().createEventSubscription(subscription);
    ExecutionError error = new ExecutionError(OLD, instance.id(), "p", "m");
    List<Long> errors = provider().persistErrors(List.of(error, error));
    ScheduledCommand command = ScheduledCommand.processWorkflow(instance.id(), 7);
    provider().scheduleCommand(command);

    OfWorkflow expected =
        new OfWorkflow(
            instance,
            List.of(subscription),
            List.of(new OfError(errors.get(0), error), new OfError(errors.get(1), error)),
            List.of(command));
    assertThat(purgeable(COMPLETE)).containsExactly(expected);
    assertThat(provider().getRecords(Subject.WORKFLOW, ALL, 1, null).records())
        .containsExactly(expected);
  }

  @Test
  void pagesShowAllWorkflowsOldestFirst() {
    List<StoredRecord> expected =
        IntStream.range(0, 5)
            .mapToObj(i -> ended(i))
            .<StoredRecord>map(one -> new OfWorkflow(one, List.of(), List.of(), List.of()))
            .toList();

    for (int limit = 1; limit < 7; limit++) {
      int size = limit;
      assertThat(
              all(
                  size,
                  after -> provider().getPurgeableRecords(COMPLETE, size, Long.MAX_VALUE, after)))
          .isEqualTo(expected);
    }
    assertThat(all(1, after -> provider().getPurgeableRecords(COMPLETE, ALL, 1, after)))
        .as("one record reaches the limit of bytes")
        .isEqualTo(expected);
  }

  @Test
  void allRecordsAreInTheOrderOfTheirIds() {
    List<WorkflowInstance> instances =
        IntStream.range(0, 4)
            .mapToObj(i -> Samples.instance())
            .sorted(Comparator.comparing(WorkflowInstance::id))
            .toList();
    instances.forEach(provider()::createNewWorkflow);
    List<Event> events =
        IntStream.range(0, 4)
            .mapToObj(i -> Samples.event(topic, OLD))
            .sorted(Comparator.comparing(Event::id))
            .toList();
    events.forEach(provider()::createEvent);
    List<Long> errors =
        provider()
            .persistErrors(
                IntStream.range(0, 12)
                    .mapToObj(i -> new ExecutionError(OLD, "w", "p", "m" + i))
                    .toList());

    assertThat(all(3, after -> provider().getRecords(Subject.WORKFLOW, 3, 1 << 20, after)))
        .isEqualTo(
            instances.stream()
                .map(one -> new OfWorkflow(one, List.of(), List.of(), List.of()))
                .toList());
    assertThat(all(3, after -> provider().getRecords(Subject.EVENT, 3, 1 << 20, after)))
        .isEqualTo(events.stream().map(OfEvent::new).toList());
    assertThat(all(3, after -> provider().getRecords(Subject.ERROR, 3, 1 << 20, after)))
        .extracting(one -> ((OfError) one).id())
        .isEqualTo(errors);
  }

  @Test
  void exportedWorkflowsAreDeleted() {
    WorkflowInstance first = ended(0);
    WorkflowInstance second = ended(1);
    provider().createEventSubscription(Samples.subscription(first.id(), topic, OLD));
    provider().persistErrors(List.of(new ExecutionError(OLD, first.id(), "p", "m")));
    List<StoredRecord> records = purgeable(COMPLETE);

    assertThat(anotherHost().purge(COMPLETE, records)).isEqualTo(2);

    assertThat(provider().getWorkflowInstances(List.of(first.id(), second.id()))).isEmpty();
    assertThat(provider().getSubscriptions(topic, "key", Instant.MAX)).isEmpty();
    assertThat(store().storedErrors(first.id())).isEmpty();
    assertThat(anotherHost().purge(COMPLETE, records)).isZero();
  }

  @Test
  void whatChangedSinceItWasExportedIsKept() {
    WorkflowInstance changed = ended(0);
    WorkflowInstance unchanged = ended(1);
    List<StoredRecord> records = purgeable(COMPLETE);
    provider().persistWorkflow(changed.toBuilder().reference("changed").build());

    assertThat(anotherHost().purge(COMPLETE, records)).isOne();

    assertThat(
            provider().getWorkflowInstances(List.of(changed.id(), unchanged.id())).stream()
                .map(WorkflowInstance::id))
        .containsExactly(changed.id());
  }

  @Test
  void whatWasStoredSinceTheExportIsKept() {
    WorkflowInstance instance = ended(0);
    List<StoredRecord> records = purgeable(COMPLETE);
    provider().persistErrors(List.of(new ExecutionError(OLD, instance.id(), "p", "later")));
    provider().createEventSubscription(Samples.subscription(instance.id(), topic, OLD));

    assertThat(anotherHost().purge(COMPLETE, records)).isOne();

    assertThat(store().storedErrors(instance.id())).hasSize(1);
    assertThat(provider().getSubscriptions(topic, "key", Instant.MAX)).hasSize(1);
  }

  @Test
  void exportedEventsAndErrorsAreDeleted() {
    Event event = Samples.event(topic, OLD).toBuilder().processed(true).build();
    Event unprocessed = Samples.event(topic, OLD).toBuilder().processed(true).build();
    provider().createEvent(event);
    provider().createEvent(unprocessed);
    provider().persistErrors(List.of(new ExecutionError(OLD, topic, "p", "m")));
    ProcessedEvents events = new ProcessedEvents(YEAR);
    OldErrors errors = new OldErrors(YEAR);
    List<StoredRecord> eventRecords = purgeable(events);
    List<StoredRecord> errorRecords = purgeable(errors);
    provider().markEventUnprocessed(unprocessed.id());

    assertThat(eventRecords).contains(new OfEvent(event)).hasSize(2);
    assertThat(anotherHost().purge(events, eventRecords)).isOne();
    assertThat(anotherHost().purge(errors, errorRecords)).isOne();

    assertThat(provider().getEvents(topic, "key", Instant.MAX)).containsExactly(unprocessed.id());
    assertThat(store().storedErrors(topic)).isEmpty();
  }
}
