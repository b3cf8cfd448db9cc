package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Subscriptions that exclude events: an excluded event can be marked processed, and is not
 * replayed.
 */
public abstract class ExclusionContract extends Contract {
  private static final Instant NOON = Samples.NOON;

  private final String topic = Samples.unique("topic");

  /** How a subscription is stored. Returns the replayed events, if the operation names them. */
  enum Way {
    CREATED {
      @Override
      Optional<List<String>> store(
          PersistenceProvider provider, WorkflowInstance workflow, EventSubscription added) {
        provider.createEventSubscription(added);
        return Optional.empty();
      }
    },
    PERSISTED {
      @Override
      Optional<List<String>> store(
          PersistenceProvider provider, WorkflowInstance workflow, EventSubscription added) {
        return Optional.of(
            provider.persistWorkflowWithSubscriptions(workflow, List.of(added)).eventIds());
      }
    },
    WRITTEN {
      @Override
      Optional<List<String>> store(
          PersistenceProvider provider, WorkflowInstance workflow, EventSubscription added) {
        return Optional.of(provider.write(write(workflow, added)).replayedEventIds());
      }
    },
    WRITTEN_IN_A_BATCH {
      @Override
      Optional<List<String>> store(
          PersistenceProvider provider, WorkflowInstance workflow, EventSubscription added) {
        WorkflowInstance other = Samples.instance();
        provider.createNewWorkflow(other);
        return Optional.of(
            provider
                .writeAll(List.of(WorkflowWrite.of(other).build(), write(workflow, added)))
                .get(1)
                .orThrow()
                .replayedEventIds());
      }
    };

    abstract Optional<List<String>> store(
        PersistenceProvider provider, WorkflowInstance workflow, EventSubscription added);

    private static WorkflowWrite write(WorkflowInstance workflow, EventSubscription added) {
      return WorkflowWrite.of(workflow).subscribe(List.of(added)).build();
    }
  }

  private WorkflowInstance waiting() {
    WorkflowInstance waiting = Samples.instance();
    provider().createNewWorkflow(waiting);
    return waiting;
  }

  private EventSubscription excluding(WorkflowInstance workflow, List<String> events) {
    return Samples.subscription(workflow.id(), topic, NOON).toBuilder()
        .excludedEventIds(events)
        .build();
  }

  private String event(Instant time, boolean processed) {
    return provider()
        .createEvent(Samples.event(topic, time).toBuilder().processed(processed).build());
  }

  private boolean isProcessed(String eventId) {
    return provider().getEvent(eventId).processed();
  }

  @ParameterizedTest
  @EnumSource
  void excludedEventsAreStored(Way way) {
    WorkflowInstance workflow = waiting();
    List<String> most =
        IntStream.range(0, ValueLimits.MAX_EXCLUDED_EVENTS)
            .mapToObj(i -> "\"event\" " + i)
            .toList();

    for (List<String> events : List.of(List.<String>of(), List.of("b", "a", "b", ""), most)) {
      EventSubscription subscription = excluding(workflow, events);

      way.store(provider(), workflow, subscription);

      assertThat(provider().getSubscription(subscription.id()).excludedEventIds())
          .isEqualTo(events);
    }
    assertThat(provider().getSubscriptions(topic, "key", NOON)).hasSize(3);
  }

  @Test
  void aTokenLeavesTheExcludedEventsAsTheyAre() {
    EventSubscription subscription = excluding(waiting(), List.of("excluded"));
    provider().createEventSubscription(subscription);

    provider().setSubscriptionToken(subscription.id(), "token", "worker", NOON.plusSeconds(60));
    provider().clearSubscriptionToken(subscription.id(), "token");

    assertThat(provider().getSubscription(subscription.id())).isEqualTo(subscription);
  }

  @ParameterizedTest
  @EnumSource
  void aNewSubscriptionReplaysAllCoveredEventsButTheExcluded(Way way) {
    String excludedFirst = event(NOON, true);
    String sameTime = event(NOON, true);
    String excluded = event(NOON.plusSeconds(1), true);
    String last = event(NOON.plusSeconds(2), true);
    WorkflowInstance workflow = waiting();
    EventSubscription subscription = excluding(workflow, List.of(excluded, excludedFirst));

    Optional<List<String>> replayed = way.store(provider(), workflow, subscription);

    assertThat(replayed.orElse(List.of(sameTime, last))).containsExactly(sameTime, last);
    assertThat(List.of(sameTime, last)).noneMatch(this::isProcessed);
    assertThat(List.of(excludedFirst, excluded)).allMatch(this::isProcessed);
  }

  @Test
  void anExcludedEventIsMarkedProcessedAndNoOtherOfItsTime() {
    String excluded = event(NOON, false);
    String sameTime = event(NOON, false);
    EventSubscription subscription = excluding(waiting(), List.of(excluded));
    provider().createEventSubscription(subscription);

    assertThat(provider().markEventProcessed(excluded)).isTrue();
    assertThat(provider().markEventProcessed(sameTime)).isFalse();

    assertThat(isProcessed(excluded)).isTrue();
    assertThat(isProcessed(sameTime)).isFalse();
    assertThat(provider().getSubscriptions(topic, "key", NOON)).containsExactly(subscription);
  }

  @Test
  void ofEventsThatAreMarkedTogetherOnlyTheExcludedAreProcessed() {
    String excluded = event(NOON, false);
    String covered = event(NOON, false);
    provider().createEventSubscription(excluding(waiting(), List.of(excluded)));

    List<ItemResult<Boolean>> marked = provider().markEventsProcessed(List.of(covered, excluded));

    assertThat(marked.stream().map(ItemResult::orThrow)).containsExactly(false, true);
    assertThat(isProcessed(covered)).isFalse();
    assertThat(isProcessed(excluded)).isTrue();
  }

  @Test
  void anExcludedEventIsNotLeftToTheHostsOfTheSubscriber() {
    store().empty();
    String excluded = event(NOON, false);
    String covered = event(NOON, false);
    provider().createEventSubscription(excluding(waiting(), List.of(excluded)));
    DefinitionVersion other = new DefinitionVersion("another definition", 1);

    List<ClaimedEvent> claimed =
        provider()
            .claimEvents(
                new ClaimRequest("host", List.of(other), 10, 1_000_000, Duration.ofHours(1)));

    assertThat(claimed.stream().map(event -> event.event().id())).containsExactly(excluded);
    assertThat(isProcessed(covered)).isFalse();
  }

  @Test
  void anEarlierEventThatIsPublishedLaterIsHeldBack() {
    String consumed = event(NOON.plusSeconds(1), true);
    provider().createEventSubscription(excluding(waiting(), List.of(consumed)));

    String late = event(NOON, false);

    assertThat(provider().markEventProcessed(late)).isFalse();
    assertThat(isProcessed(late)).isFalse();
    assertThat(isProcessed(consumed)).isTrue();
  }

  @Test
  void anotherSubscriptionStillCoversTheExcludedEvent() {
    String event = event(NOON, true);
    provider().createEventSubscription(excluding(waiting(), List.of(event)));
    EventSubscription covering = excluding(waiting(), List.of("another event"));

    provider().createEventSubscription(covering);

    assertThat(isProcessed(event)).isFalse();
    assertThat(provider().markEventProcessed(event)).isFalse();
    provider().terminateSubscription(covering.id());
    assertThat(provider().markEventProcessed(event)).isTrue();
  }

  @Test
  void ofSubscriptionsOfOneWriteOnlyTheirOwnExclusionsCount() {
    String first = event(NOON, true);
    String second = event(NOON.plusSeconds(1), true);
    String both = event(NOON.plusSeconds(2), true);
    WorkflowInstance workflow = waiting();

    PersistedWorkflow persisted =
        provider()
            .persistWorkflowWithSubscriptions(
                workflow,
                List.of(
                    excluding(workflow, List.of(first, both)),
                    excluding(workflow, List.of(second, both))));

    assertThat(persisted.eventIds()).containsExactly(first, second);
    assertThat(isProcessed(both)).isTrue();
    assertThat(provider().markEventProcessed(first)).isFalse();
    assertThat(provider().markEventProcessed(second)).isFalse();
    assertThat(provider().markEventProcessed(both)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Way.class,
      names = {"PERSISTED", "WRITTEN", "WRITTEN_IN_A_BATCH"})
  void aRevivalReplaysAllCoveredEventsButTheExcluded(Way way) {
    WorkflowInstance ended = Samples.instance().toBuilder().status(WorkflowStatus.COMPLETE).build();
    provider().createNewWorkflow(ended);
    String excluded = event(NOON, false);
    String covered = event(NOON.plusSeconds(1), false);
    provider().createEventSubscription(excluding(ended, List.of(excluded)));
    assertThat(provider().markEventProcessed(excluded)).isTrue();
    assertThat(provider().markEventProcessed(covered)).isTrue();
    EventSubscription elsewhere = Samples.subscription(ended.id(), topic + "!", NOON);

    Optional<List<String>> replayed =
        way.store(provider(), ended.toBuilder().status(WorkflowStatus.RUNNABLE).build(), elsewhere);

    assertThat(replayed).contains(List.of(covered));
    assertThat(isProcessed(covered)).isFalse();
    assertThat(isProcessed(excluded)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void excludedEventsDoNotCountAmongThoseThatAreReplayed(Way way) {
    int count = 2 * PersistedWorkflow.MAX_EVENT_IDS + ValueLimits.MAX_EXCLUDED_EVENTS;
    List<Event> events =
        IntStream.range(0, count)
            .mapToObj(i -> Samples.event(topic, NOON.plusSeconds(i)))
            .map(event -> event.toBuilder().processed(true).build())
            .toList();
    provider().createEvents(events).forEach(created -> created.orThrow());
    List<String> excluded = new ArrayList<>();
    List<String> covered = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean excludes = i < ValueLimits.MAX_EXCLUDED_EVENTS - 10 || i >= count - 5 || i % 500 == 0;
      (excludes && excluded.size() < ValueLimits.MAX_EXCLUDED_EVENTS ? excluded : covered)
          .add(events.get(i).id());
    }
    List<String> oldest = covered.subList(0, PersistedWorkflow.MAX_EVENT_IDS);
    WorkflowInstance workflow = waiting();

    Optional<List<String>> replayed =
        way.store(provider(), workflow, excluding(workflow, excluded));

    assertThat(replayed.orElse(oldest)).isEqualTo(oldest);
    assertThat(oldest).noneMatch(this::isProcessed);
    for (String event : covered.subList(0, 2)) {
      assertThat(provider().markEventProcessed(event)).isFalse();
    }
    assertThat(covered).noneMatch(this::isProcessed);
    assertThat(excluded).allMatch(this::isProcessed);
  }
}
