package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Persisting with subscriptions, and the events that become unprocessed again by new subscriptions.
 */
public abstract class SubscribingContract extends Contract {
  private static final Instant NOON = Samples.NOON;

  private final String topic = Samples.unique("topic");

  private WorkflowInstance storedInstance() {
    WorkflowInstance instance = Samples.fullInstance();
    provider().createNewWorkflow(instance);
    return provider().getWorkflowInstance(instance.id());
  }

  private String event(Instant time, boolean processed) {
    Event event = Samples.event(topic, time).toBuilder().processed(processed).build();
    return provider().createEvent(event);
  }

  private boolean isProcessed(String eventId) {
    return provider().getEvent(eventId).processed();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theInstanceAndItsSubscriptionsAreStoredTogether(boolean knowsRevision) {
    WorkflowInstance read = storedInstance();
    WorkflowInstance changed =
        read.toBuilder()
            .executionPointers(Samples.pointers(3))
            .revision(knowsRevision ? read.revision() : null)
            .build();
    EventSubscription named = Samples.subscription(topic, NOON);
    EventSubscription unnamed = named.toBuilder().id("").stepId(2).build();

    PersistedWorkflow persisted =
        provider().persistWorkflowWithSubscriptions(changed, List.of(unnamed, named));

    assertThat(persisted.instance()).isEqualTo(changed);
    assertThat(persisted.eventIds()).isEmpty();
    assertThat(persisted.moreEvents()).isFalse();
    assertThat(persisted.subscriptionIds()).hasSize(2).element(1).isEqualTo(named.id());
    String assigned = persisted.subscriptionIds().get(0);
    assertThat(UUID.fromString(assigned).version()).isEqualTo(7);
    assertThat(provider().getSubscription(named.id())).isEqualTo(named);
    assertThat(provider().getSubscription(assigned))
        .isEqualTo(unnamed.toBuilder().id(assigned).build());
    assertThat(provider().getWorkflowInstance(changed.id())).isEqualTo(changed);
    provider().persistWorkflow(persisted.instance());
  }

  @Test
  void thereMayBeNoSubscriptions() {
    WorkflowInstance changed = storedInstance().toBuilder().reference("changed").build();

    PersistedWorkflow persisted = provider().persistWorkflowWithSubscriptions(changed, List.of());

    assertThat(persisted).isEqualTo(new PersistedWorkflow(changed, List.of(), List.of(), false));
    assertThat(provider().getWorkflowInstance(changed.id())).isEqualTo(changed);
  }

  @Test
  void aTakenSubscriptionIdLeavesNothingBehind() {
    EventSubscription taken = Samples.subscription(topic, NOON);
    provider().createEventSubscription(taken);
    WorkflowInstance instance = storedInstance();
    EventSubscription fresh = Samples.subscription(topic, NOON);
    String later = event(NOON.plusSeconds(1), true);

    assertThatThrownBy(
            () ->
                provider()
                    .persistWorkflowWithSubscriptions(
                        instance.toBuilder().reference("changed").build(),
                        List.of(fresh, taken.toBuilder().stepId(3).build())))
        .isInstanceOfSatisfying(
            DuplicateException.class,
            duplicate -> {
              assertThat(duplicate.subject()).isEqualTo(Subject.SUBSCRIPTION);
              assertThat(duplicate.field()).isEqualTo("id");
              assertThat(duplicate.value()).isEqualTo(taken.id());
            });

    assertNothingWasStored(instance, fresh);
    assertThat(provider().getSubscription(taken.id())).isEqualTo(taken);
    assertThat(isProcessed(later)).isTrue();
  }

  private void assertNothingWasStored(WorkflowInstance instance, EventSubscription subscription) {
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
    assertThatThrownBy(() -> provider().getSubscription(subscription.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void aStaleInstanceLeavesNothingBehind() {
    WorkflowInstance stale = storedInstance();
    WorkflowInstance current =
        provider().persistWorkflow(stale.toBuilder().reference("current").build());
    EventSubscription subscription = Samples.subscription(topic, NOON);
    String covered = event(NOON, true);

    assertThatThrownBy(
            () -> provider().persistWorkflowWithSubscriptions(stale, List.of(subscription)))
        .isInstanceOf(StaleRevisionException.class);

    assertNothingWasStored(current, subscription);
    assertThat(isProcessed(covered)).isTrue();
  }

  @Test
  void anUnknownInstanceLeavesNothingBehind() {
    EventSubscription subscription = Samples.subscription(topic, NOON);

    assertThatThrownBy(
            () ->
                provider()
                    .persistWorkflowWithSubscriptions(Samples.instance(), List.of(subscription)))
        .isInstanceOf(NotFoundException.class);

    assertThatThrownBy(() -> provider().getSubscription(subscription.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void aTakenNameOrPointerLeavesNothingBehind() {
    WorkflowInstance other = storedInstance();
    WorkflowInstance instance = storedInstance();
    EventSubscription subscription = Samples.subscription(topic, NOON);
    List<WorkflowInstance> clashes =
        List.of(
            instance.toBuilder().name(other.name()).build(),
            instance.toBuilder().executionPointers(other.executionPointers()).build());

    for (WorkflowInstance clash : clashes) {
      assertThatThrownBy(
              () -> provider().persistWorkflowWithSubscriptions(clash, List.of(subscription)))
          .isInstanceOf(DuplicateException.class);
      assertNothingWasStored(instance, subscription);
    }
  }

  @Test
  void processedEventsThatANewSubscriptionCoversBecomeUnprocessedOldestFirst() {
    String later = event(NOON.plusSeconds(2), true);
    String covered = event(NOON, true);
    String tooEarly = event(NOON.minusNanos(1_000), true);
    String unprocessed = event(NOON.plusSeconds(1), false);
    String elsewhere =
        provider()
            .createEvent(Event.builder(topic, "other key").eventTime(NOON).processed(true).build());

    PersistedWorkflow persisted =
        provider()
            .persistWorkflowWithSubscriptions(
                storedInstance(), List.of(Samples.subscription(topic, NOON)));

    assertThat(persisted.eventIds()).containsExactly(covered, later);
    assertThat(persisted.moreEvents()).isFalse();
    assertThat(isProcessed(covered)).isFalse();
    assertThat(isProcessed(later)).isFalse();
    assertThat(isProcessed(unprocessed)).isFalse();
    assertThat(isProcessed(tooEarly)).isTrue();
    assertThat(isProcessed(elsewhere)).isTrue();
  }

  @Test
  void anEventThatSeveralSubscriptionsCoverIsNamedOnce() {
    String first = event(NOON, true);
    String second = event(NOON.plusSeconds(1), true);

    PersistedWorkflow persisted =
        provider()
            .persistWorkflowWithSubscriptions(
                storedInstance(),
                List.of(
                    Samples.subscription(topic, NOON.plusSeconds(1)),
                    Samples.subscription(topic, NOON),
                    Samples.subscription(topic, NOON)));

    assertThat(persisted.eventIds()).containsExactly(first, second);
  }

  @Test
  void eventsOfTheSameTimeAreNamedById() {
    List<String> events = IntStream.range(0, 20).mapToObj(i -> event(NOON, true)).toList();

    PersistedWorkflow persisted =
        provider()
            .persistWorkflowWithSubscriptions(
                storedInstance(), List.of(Samples.subscription(topic, NOON)));

    assertThat(persisted.eventIds()).containsExactlyElementsOf(events.stream().sorted().toList());
  }

  @Test
  void createEventSubscriptionBringsEventsBackToo() {
    String covered = event(NOON, true);
    String tooEarly = event(NOON.minusSeconds(1), true);

    provider().createEventSubscription(Samples.subscription(topic, NOON));

    assertThat(isProcessed(covered)).isFalse();
    assertThat(isProcessed(tooEarly)).isTrue();
  }

  @Test
  void aHeldSubscriptionBringsEventsBackToo() {
    String covered = event(NOON, true);

    provider()
        .createEventSubscription(
            Samples.subscription(topic, NOON).toBuilder().externalToken("held").build());

    assertThat(isProcessed(covered)).isFalse();
  }

  @Test
  void aThousandEventsBecomeUnprocessedAtOnceAndTheRestWhenRead() {
    int count = 2 * PersistedWorkflow.MAX_EVENT_IDS + 1;
    List<String> events =
        IntStream.range(0, count).mapToObj(i -> event(NOON.plusSeconds(i), true)).toList();
    WorkflowInstance instance = storedInstance();

    PersistedWorkflow persisted =
        provider()
            .persistWorkflowWithSubscriptions(
                instance, List.of(Samples.subscription(instance.id(), topic, NOON)));

    assertThat(persisted.eventIds())
        .containsExactlyElementsOf(events.subList(0, PersistedWorkflow.MAX_EVENT_IDS));
    assertThat(persisted.moreEvents()).isTrue();
    assertThat(persisted.eventIds()).noneMatch(this::isProcessed);
    assertThat(
            Stream.of(events.get(0), events.get(1), events.get(2))
                .map(provider()::markEventProcessed))
        .containsOnly(false);
    assertThat(events).noneMatch(this::isProcessed);
  }

  @ParameterizedTest
  @EnumSource(
      value = WorkflowStatus.class,
      names = {"RUNNABLE", "SUSPENDED"})
  void anEventIsNotMarkedProcessedWhileASubscriptionCoversIt(WorkflowStatus status) {
    WorkflowInstance waiting = Samples.instance().toBuilder().status(status).build();
    provider().createNewWorkflow(waiting);
    String event = event(NOON, false);
    EventSubscription subscription = Samples.subscription(waiting.id(), topic, NOON);
    provider().createEventSubscription(subscription);

    assertThat(provider().markEventProcessed(event)).isFalse();
    assertThat(isProcessed(event)).isFalse();

    provider().setSubscriptionToken(subscription.id(), "t", "w", Duration.ofDays(1));
    assertThat(provider().markEventProcessed(event)).isFalse();
    assertThat(isProcessed(event)).isFalse();

    provider().terminateSubscription(subscription.id());
    assertThat(provider().markEventProcessed(event)).isTrue();
    assertThat(isProcessed(event)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = WorkflowStatus.class,
      names = {"COMPLETE", "TERMINATED"})
  void aSubscriptionOfAWorkflowThatHasEndedHoldsNothingBackUntilItIsRevived(WorkflowStatus status) {
    WorkflowInstance waiting = Samples.instance();
    provider().createNewWorkflow(waiting);
    String event = event(NOON, false);
    String tooEarly = event(NOON.minusSeconds(1), true);
    provider().createEventSubscription(Samples.subscription(waiting.id(), topic, NOON));
    WorkflowInstance ended =
        provider()
            .persistWorkflow(
                provider().getWorkflowInstance(waiting.id()).toBuilder().status(status).build());

    assertThat(provider().markEventProcessed(event)).isTrue();
    assertThat(isProcessed(event)).isTrue();

    WorkflowInstance suspended =
        provider().persistWorkflow(ended.toBuilder().status(WorkflowStatus.SUSPENDED).build());
    assertThat(isProcessed(event)).isFalse();
    assertThat(isProcessed(tooEarly)).isTrue();
    assertThat(provider().markEventProcessed(event)).isFalse();

    provider().persistWorkflow(suspended.toBuilder().status(status).build());
    assertThat(provider().markEventProcessed(event)).isTrue();
    PersistedWorkflow revived =
        provider()
            .persistWorkflowWithSubscriptions(
                ended.toBuilder().status(WorkflowStatus.RUNNABLE).revision(null).build(),
                List.of(Samples.subscription(waiting.id(), topic + "!", NOON)));
    assertThat(revived.eventIds()).containsExactly(event);
    assertThat(isProcessed(event)).isFalse();
  }

  @Test
  void aRevivalNamesTheReplayedEventsAlsoWithoutNewSubscriptions() {
    WorkflowInstance waiting = Samples.instance();
    provider().createNewWorkflow(waiting);
    String event = event(NOON, true);
    provider().createEventSubscription(Samples.subscription(waiting.id(), topic, NOON));
    WorkflowInstance ended =
        provider()
            .persistWorkflow(
                provider().getWorkflowInstance(waiting.id()).toBuilder()
                    .status(WorkflowStatus.COMPLETE)
                    .build());
    assertThat(provider().markEventProcessed(event)).isTrue();

    PersistedWorkflow revived =
        provider()
            .persistWorkflowWithSubscriptions(
                ended.toBuilder().status(WorkflowStatus.RUNNABLE).build(), List.of());

    assertThat(revived.eventIds()).containsExactly(event);
    assertThat(revived.moreEvents()).isFalse();
    assertThat(isProcessed(event)).isFalse();
  }

  @Test
  void aSubscriptionOfAMissingWorkflowHoldsNothingBack() {
    String event = event(NOON, false);
    provider().createEventSubscription(Samples.subscription(Samples.unique("gone"), topic, NOON));

    assertThat(provider().markEventProcessed(event)).isTrue();
    assertThat(isProcessed(event)).isTrue();
  }

  @Test
  void anEventMayBeMarkedProcessedWhenNoSubscriptionCoversIt() {
    String event = event(NOON, false);
    provider().createEventSubscription(Samples.subscription(topic, NOON.plusNanos(1_000)));
    provider()
        .createEventSubscription(
            Samples.subscription(topic, NOON).toBuilder().eventKey("other").build());
    provider().createEventSubscription(Samples.subscription(topic + "!", NOON));

    assertThat(provider().markEventProcessed(event)).isTrue();
    assertThat(isProcessed(event)).isTrue();
  }
}
