package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reading and marking the events and subscriptions of many topics at once. */
public abstract class EventBatchContract extends LeasingContract {
  private static final Instant NOON = Samples.NOON;

  private final String topic = Samples.unique("topic");
  private final String other = Samples.unique("other");

  private Event event(String name, Instant time) {
    Event event = Samples.event(name, time);
    provider().createEvent(event);
    return event;
  }

  private EventSubscription subscription(String name, Instant asOf) {
    WorkflowInstance waiting = Samples.instance();
    provider().createNewWorkflow(waiting);
    EventSubscription subscription = Samples.subscription(waiting.id(), name, asOf);
    provider().createEventSubscription(subscription);
    return subscription;
  }

  private static Topic topic(String name) {
    return new Topic(name, "key");
  }

  private static Position position(Event event) {
    return new Position(Objects.requireNonNull(event.eventTime()), event.id());
  }

  private List<Boolean> mark(List<String> ids) {
    return provider().markEventsProcessed(ids).stream().map(ItemResult::orThrow).toList();
  }

  private boolean isProcessed(Event event) {
    return provider().getEvent(event.id()).processed();
  }

  @Test
  void manyEventsAreMarkedProcessed() {
    List<Event> events =
        IntStream.range(0, 20).mapToObj(i -> event(topic + i % 5, NOON.plusSeconds(i))).toList();
    List<String> ids = new ArrayList<>(events.stream().map(Event::id).toList());
    ids.add(ids.get(0));

    assertThat(mark(ids)).hasSize(21).containsOnly(true);
    assertThat(mark(ids)).hasSize(21).containsOnly(true);

    assertThat(events).allMatch(this::isProcessed);
  }

  @Test
  void eventsThatASubscriptionCoversAreNotMarkedWithTheOthers() {
    Event before = event(topic, NOON.minusSeconds(1));
    Event covered = event(topic, NOON);
    Event free = event(other, NOON);
    subscription(topic, NOON);

    assertThat(mark(List.of(covered.id(), before.id(), free.id())))
        .containsExactly(false, true, true);

    assertThat(isProcessed(covered)).isFalse();
    assertThat(isProcessed(before)).isTrue();
    assertThat(isProcessed(free)).isTrue();
  }

  @Test
  void aSubscriptionOfAnEndedWorkflowDoesNotHoldEventsBack() {
    Event event = event(topic, NOON);
    EventSubscription subscription = subscription(topic, NOON);
    provider()
        .persistWorkflow(
            provider().getWorkflowInstance(subscription.workflowId()).toBuilder()
                .status(WorkflowStatus.COMPLETE)
                .build());

    assertThat(mark(List.of(event.id()))).containsExactly(true);
  }

  @Test
  void anUnknownEventAmongManyIsReportedAndTheOthersAreMarked() {
    Event event = event(topic, NOON);

    List<ItemResult<Boolean>> results =
        provider().markEventsProcessed(List.of("unknown", event.id(), "\0"));

    assertThat(results.get(0)).isInstanceOfSatisfying(ItemResult.Refused.class, this::isNotFound);
    assertThat(results.get(1).orThrow()).isTrue();
    assertThat(results.get(2)).isInstanceOfSatisfying(ItemResult.Refused.class, this::isNotFound);
    assertThat(provider().markEventsProcessed(List.of())).isEmpty();
  }

  private void isNotFound(ItemResult.Refused<?> refused) {
    assertThat(refused.reason()).isInstanceOf(NotFoundException.class);
  }

  @Test
  void markingAnEventEndsItsLease() {
    store().empty();
    Event first = event(topic, NOON);
    Event second = event(topic, NOON.plusSeconds(1));
    List<Claim> claims =
        provider().claimEvents(request("host", 2, LONG)).stream()
            .map(claimed -> claimed.claim())
            .toList();

    assertThat(provider().markEventProcessed(first.id())).isTrue();
    assertThat(mark(List.of(second.id()))).containsExactly(true);

    assertThat(provider().renew(claims, LONG)).isEmpty();
    provider().markEventUnprocessed(first.id());
    provider().markEventUnprocessed(second.id());
    assertThat(anotherHost().claimEvents(request("other", 2, LONG))).hasSize(2);
  }

  @Test
  void anEventThatIsNotMarkedStaysLeased() {
    store().empty();
    Event covered = event(topic, NOON);
    Claim claim = provider().claimEvents(request("host", 1, LONG)).get(0).claim();
    subscription(topic, NOON);

    assertThat(mark(List.of(covered.id()))).containsExactly(false);

    assertThat(provider().renew(List.of(claim), LONG)).containsExactly(claim);
  }

  @Test
  void theEventsOfManyTopicsAreReadOldestFirst() {
    Event second = event(topic, NOON.plusSeconds(1));
    Event first = event(topic, NOON);
    Event processed = event(other, NOON.plusSeconds(2));
    provider().markEventProcessed(processed.id());
    event(other, NOON);
    event(topic, NOON.minusSeconds(1));

    Map<Topic, Instant> from =
        Map.of(
            topic(topic), NOON,
            topic(other), NOON.plusNanos(1_000),
            topic("nothing"), NOON,
            topic("\0"), NOON);

    assertThat(provider().getEventsSince(from, 10))
        .isEqualTo(
            Map.of(
                topic(topic), List.of(position(first), position(second)),
                topic(other), List.of(position(processed))));
    assertThat(provider().getEventsSince(from, 1).get(topic(topic)))
        .containsExactly(position(first));
    assertThat(provider().getEventsSince(Map.of(topic(topic), Instant.MIN), 10).get(topic(topic)))
        .hasSize(3);
    assertThat(provider().getEventsSince(Map.of(topic(topic), Instant.MAX), 10)).isEmpty();
    assertThat(provider().getEventsSince(Map.of(), 10)).isEmpty();
  }

  @Test
  void eventsAreReadByTheirIdsInTheOrderAsked() {
    Event one = event(topic, NOON);
    Event two = event(other, NOON);

    assertThat(provider().getEvents(List.of(two.id(), "unknown", "\0", one.id(), two.id())))
        .containsExactly(two, one, two);
    assertThat(provider().getEvents(List.of())).isEmpty();
  }

  @Test
  void theOpenSubscriptionsOfManyTopicsAreReadOldestFirst() {
    EventSubscription second = subscription(topic, NOON.plusSeconds(1));
    EventSubscription first = subscription(topic, NOON);
    EventSubscription distant = subscription(other, Instant.parse("2999-01-01T00:00:00Z"));
    EventSubscription held = subscription(other, NOON);
    provider().setSubscriptionToken(held.id(), "token", "worker", LONG);

    List<Topic> topics = List.of(topic(topic), topic(other), topic(topic), topic("\0"));
    List<EventSubscription> open = provider().getSubscriptions(topics, 10);

    assertThat(open).hasSize(3);
    assertThat(open).filteredOn(Topic::of, topic(topic)).containsExactly(first, second);
    assertThat(open).filteredOn(Topic::of, topic(other)).containsExactly(distant);
    assertThat(provider().getSubscriptions(topics, 1)).containsExactlyInAnyOrder(first, distant);
    assertThat(provider().getSubscriptions(List.of(), 1)).isEmpty();
  }

  @Test
  void anEventForOtherDefinitionsAloneIsLeftToOtherHosts() {
    store().empty();
    Event foreign = event(topic, NOON);
    subscription(topic, NOON);
    Event both = event(other, NOON);
    subscription(other, NOON);
    waitWithTheDefinition(other);
    Event nobody = event(Samples.unique("nobody"), NOON);
    Event early = event(topic, NOON.minusSeconds(1));

    assertThat(provider().claimEvents(request("host", 10, LONG)))
        .extracting(claimed -> claimed.event().id())
        .containsExactlyInAnyOrder(both.id(), nobody.id(), early.id());

    waitWithTheDefinition(topic);
    assertThat(provider().claimEvents(request("host", 10, LONG)))
        .extracting(claimed -> claimed.event().id())
        .containsExactly(foreign.id());
  }

  private void waitWithTheDefinition(String name) {
    String id = provider().createNewWorkflow(instance().build());
    provider().createEventSubscription(Samples.subscription(id, name, NOON));
  }
}
