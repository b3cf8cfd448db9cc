package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The store stamps absent times by its own clock. */
public abstract class StampedTimesContract extends Contract {
  private WorkflowInstance created() {
    WorkflowInstance instance = Samples.instance().toBuilder().createTime(null).build();
    return provider().getWorkflowInstance(provider().createNewWorkflow(instance));
  }

  /** The time that the store stamps on an event now. */
  private Instant storesNow() {
    Event event = Samples.event("event", Samples.NOON).toBuilder().eventTime(null).build();
    return Objects.requireNonNull(provider().getEvent(provider().createEvent(event)).eventTime());
  }

  @Test
  void createTimeAndEventTimeAreStampedByOneClock() {
    Instant before = storesNow();
    Instant createTime = created().createTime();

    assertThat(createTime).isBetween(before, storesNow());
  }

  @Test
  void aGivenTimeIsKept() {
    Event event = Samples.event("event", Samples.NOON);
    WorkflowInstance instance = Samples.instance();

    provider().createEvent(event);
    provider().createNewWorkflow(instance);

    assertThat(provider().getEvent(event.id()).eventTime()).isEqualTo(Samples.NOON);
    assertThat(provider().getWorkflowInstance(instance.id()).createTime()).isEqualTo(Samples.NOON);
  }

  @Test
  void aPersistWithoutCreateTimeLeavesTheStoredOne() {
    WorkflowInstance created = created();
    WorkflowInstance unstamped = created.toBuilder().createTime(null).build();

    WorkflowInstance guarded = provider().persistWorkflow(unstamped);
    assertThat(guarded).isEqualTo(created);
    assertThat(provider().getWorkflowInstance(created.id())).isEqualTo(created);

    WorkflowInstance unguarded =
        provider().persistWorkflow(unstamped.toBuilder().revision(null).build());
    assertThat(unguarded).isEqualTo(created);
    assertThat(provider().persistWorkflow(unguarded)).isEqualTo(created);
  }

  @Test
  void aValuePersistedWithoutCreateTimeIsFound() {
    WorkflowInstance unstamped =
        created().toBuilder().createTime(null).revision(null).description("new").build();

    WorkflowInstance persisted =
        provider()
            .persistWorkflowWithSubscriptions(
                unstamped, List.of(Samples.subscription("event", Samples.NOON)))
            .instance();

    assertThat(provider().findPersisted(unstamped)).contains(persisted);
  }

  @Test
  void aSubscriptionOfAnInstanceCoversWhatWasPublishedBeforeTheWait() {
    WorkflowInstance instance = created();
    ExecutionPointer pointer = ExecutionPointer.builder(7).build();
    String topic = Samples.unique("topic");
    String early = provider().createEvent(Event.builder(topic, "key").build());
    assertThat(provider().markEventProcessed(early)).isTrue();

    EventSubscription subscription =
        EventSubscription.builder(instance, pointer, topic, "key").build();
    String id =
        provider()
            .persistWorkflowWithSubscriptions(instance, List.of(subscription))
            .subscriptionIds()
            .get(0);

    assertThat(provider().getEvent(early).processed()).isFalse();
    EventSubscription stored = provider().getSubscription(id);
    assertThat(stored.subscribeAsOf()).isEqualTo(instance.createTime());
    assertThat(stored.workflowId()).isEqualTo(instance.id());
    assertThat(stored.executionPointerId()).isEqualTo(pointer.id());
    assertThat(stored.stepId()).isEqualTo(7);
  }

  @Test
  void aSubscriptionOfOnlyIdsNeedsItsInstant() {
    EventSubscription fromIds =
        EventSubscription.builder("workflow", "pointer", "event", "key").build();
    EventSubscription fromUnstored =
        EventSubscription.builder(
                WorkflowInstance.builder("definition", 1).id("workflow").build(),
                ExecutionPointer.builder(0).build(),
                "event",
                "key")
            .build();

    for (EventSubscription subscription : List.of(fromIds, fromUnstored)) {
      assertThatThrownBy(() -> provider().createEventSubscription(subscription))
          .isInstanceOfSatisfying(
              InvalidValueException.class, e -> assertThat(e.field()).isEqualTo("subscribeAsOf"));
    }
  }
}
