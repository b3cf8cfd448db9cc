package dev.wfe.memory;

import static java.util.Comparator.naturalOrder;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.Topic;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.persistence.ValueLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Subscriptions in memory. Thread-safe. */
final class MemorySubscriptionRepository implements SubscriptionRepository {
  private final MemoryTables tables;

  MemorySubscriptionRepository(MemoryTables tables) {
    this.tables = tables;
  }

  @Override
  public String createEventSubscription(EventSubscription subscription) {
    ValueLimits.check(subscription);
    return tables.atomically(
        () -> {
          List<EventSubscription> added = addAll(List.of(subscription));
          replay(added);
          return added.get(0).id();
        });
  }

  /**
   * Stores the subscriptions, and returns them with their ids. If ids are taken, the exception
   * names the first of them in order.
   */
  List<EventSubscription> addAll(List<EventSubscription> given) {
    given.stream()
        .map(EventSubscription::id)
        .filter(id -> tables.subscriptions.get(id) != null)
        .min(naturalOrder())
        .ifPresent(
            id -> {
              throw new DuplicateException(Subject.SUBSCRIPTION, "id", id);
            });
    List<EventSubscription> added = new ArrayList<>();
    for (EventSubscription subscription : given) {
      String id = MemoryTables.orNewId(subscription.id());
      EventSubscription stored = subscription.toBuilder().id(id).build();
      put(stored);
      added.add(stored);
    }
    return added;
  }

  List<EventSubscription> ofWorkflow(String workflowId) {
    return List.copyOf(tables.subscriptionsByWorkflow.of(workflowId));
  }

  /**
   * Makes the processed events that the subscriptions cover unprocessed.
   *
   * @return the ids of these events, oldest first
   */
  List<String> replay(Collection<EventSubscription> subscriptions) {
    NavigableSet<Position> covered = new TreeSet<>(MemoryTables.ORDER);
    for (EventSubscription subscription : subscriptions) {
      tables
          .processedEventsByTopic
          .of(Topic.of(subscription))
          .tailSet(new Position(subscription.subscribeAsOf(), ""), true)
          .stream()
          .filter(event -> !subscription.excludedEventIds().contains(event.id()))
          .forEach(covered::add);
    }
    List<String> ids = covered.stream().map(Position::id).toList();
    ids.forEach(id -> tables.put(Objects.requireNonNull(tables.event(id)).marked(false)));
    return ids;
  }

  /** Whether a subscription of a workflow that has not ended covers the event. */
  boolean holdBack(EventRow event) {
    return waiting(event).findFirst().isPresent();
  }

  /** The workflows that have not ended and whose subscriptions cover the event. */
  Stream<WorkflowRow> waiting(EventRow event) {
    Instant time = event.position().time();
    return tables.subscriptionsByTopic.of(Topic.of(event.event())).stream()
        .takeWhile(subscription -> !subscription.subscribeAsOf().isAfter(time))
        .filter(subscription -> !subscription.excludedEventIds().contains(event.event().id()))
        .map(subscription -> tables.workflow(subscription.workflowId()))
        .filter(workflow -> workflow != null && !workflow.own().status().isEnded());
  }

  @Override
  public List<EventSubscription> getSubscriptions(String eventName, String eventKey, Instant asOf) {
    return getSubscriptions(eventName, eventKey, asOf, Integer.MAX_VALUE);
  }

  @Override
  public List<EventSubscription> getSubscriptions(
      String eventName, String eventKey, Instant asOf, int limit) {
    return open("getSubscriptions", eventName, eventKey, asOf, limit);
  }

  @Override
  public Optional<EventSubscription> getFirstOpenSubscription(
      String eventName, String eventKey, Instant asOf) {
    return open("getFirstOpenSubscription", eventName, eventKey, asOf, 1).stream().findFirst();
  }

  private List<EventSubscription> open(
      String operation, String eventName, String eventKey, Instant asOf, int limit) {
    ValueLimits.nonNull(operation, "eventName", eventName);
    ValueLimits.nonNull(operation, "eventKey", eventKey);
    ValueLimits.nonNull(operation, "asOf", asOf);
    ValueLimits.checkLimit(operation, limit);
    return tables.atomically(
        () -> open(new Topic(eventName, eventKey), asOf).limit(limit).toList());
  }

  @Override
  public List<EventSubscription> getSubscriptions(Collection<Topic> topics, int limit) {
    String operation = "getSubscriptions";
    ValueLimits.nonNullElements(operation, "topics", topics);
    ValueLimits.checkLimit(operation, limit);
    return tables.atomically(
        () ->
            topics.stream()
                .distinct()
                .flatMap(topic -> open(topic, Instant.MAX).limit(limit))
                .toList());
  }

  private Stream<EventSubscription> open(Topic topic, Instant asOf) {
    Instant now = tables.now();
    return tables.subscriptionsByTopic.of(topic).stream()
        .takeWhile(subscription -> !subscription.subscribeAsOf().isAfter(asOf))
        .filter(subscription -> !isHeldAt(now, subscription));
  }

  static boolean isHeldAt(Instant now, EventSubscription subscription) {
    Instant expiry = subscription.externalTokenExpiry();
    return subscription.externalToken() != null && (expiry == null || expiry.isAfter(now));
  }

  @Override
  public EventSubscription getSubscription(String id) {
    ValueLimits.nonNull("getSubscription", "id", id);
    return tables.atomically(() -> find(id));
  }

  private EventSubscription find(String id) {
    EventSubscription subscription = tables.subscriptions.get(id);
    if (subscription == null) {
      throw new NotFoundException(Subject.SUBSCRIPTION, id);
    }
    return subscription;
  }

  private EventSubscription findHeldUnder(String token, String id) {
    EventSubscription subscription = find(id);
    if (!token.equals(subscription.externalToken())) {
      throw new TokenMismatchException(id);
    }
    return subscription;
  }

  @Override
  public void terminateSubscription(String id) {
    ValueLimits.nonNull("terminateSubscription", "id", id);
    tables.atomically(() -> tables.subscriptions.remove(find(id).id()));
  }

  @Override
  public void terminateSubscription(String id, String token) {
    ValueLimits.nonNull("terminateSubscription", "id", id);
    ValueLimits.nonNull("terminateSubscription", "token", token);
    tables.atomically(() -> tables.subscriptions.remove(findHeldUnder(token, id).id()));
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Instant expiry) {
    requireStorable("setSubscriptionToken", id);
    ValueLimits.checkExpiry(id, expiry);
    ValueLimits.checkHold(id, token, workerId);
    return tables.atomically(() -> hold(id, token, workerId, expiry));
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Duration duration) {
    requireStorable("setSubscriptionToken", id);
    ValueLimits.checkDuration("setSubscriptionToken", id, duration);
    ValueLimits.checkHold(id, token, workerId);
    return tables.atomically(() -> hold(id, token, workerId, tables.now().plus(duration)));
  }

  /** An id that cannot be stored is not found, even if another argument is invalid too. */
  private static void requireStorable(String operation, String id) {
    if (!ValueLimits.isStorable(ValueLimits.nonNull(operation, "id", id))) {
      throw new NotFoundException(Subject.SUBSCRIPTION, id);
    }
  }

  private boolean hold(String id, String token, String workerId, Instant expiry) {
    EventSubscription subscription = find(id);
    boolean isFree = !isHeldAt(tables.now(), subscription);
    if (isFree) {
      put(held(subscription, token, workerId, expiry));
    }
    return isFree;
  }

  private static EventSubscription held(
      EventSubscription subscription, String token, String workerId, Instant expiry) {
    return subscription.toBuilder()
        .externalToken(token)
        .externalWorkerId(workerId)
        .externalTokenExpiry(expiry)
        .build();
  }

  private void put(EventSubscription subscription) {
    tables.put(subscription);
  }

  @Override
  public boolean renewSubscriptionToken(String id, String token, Duration duration) {
    requireStorable("renewSubscriptionToken", id);
    ValueLimits.nonNull("renewSubscriptionToken", "token", token);
    ValueLimits.checkDuration("renewSubscriptionToken", id, duration);
    return tables.atomically(
        () -> {
          EventSubscription subscription = find(id);
          boolean isOwn = token.equals(subscription.externalToken());
          if (isOwn) {
            put(subscription.toBuilder().externalTokenExpiry(tables.now().plus(duration)).build());
          }
          return isOwn;
        });
  }

  @Override
  public void clearSubscriptionToken(String id, String token) {
    ValueLimits.nonNull("clearSubscriptionToken", "id", id);
    ValueLimits.nonNull("clearSubscriptionToken", "token", token);
    tables.atomically(
        () ->
            put(
                findHeldUnder(token, id).toBuilder()
                    .externalToken(null)
                    .externalWorkerId(null)
                    .externalTokenExpiry(null)
                    .build()));
  }

  @Override
  public Optional<EventSubscription> takeOffer(
      String eventName, String eventKey, String token, String workerId, Duration duration) {
    ValueLimits.checkOffer(eventName, eventKey, token, workerId, duration);
    return tables.atomically(
        () -> {
          Instant now = tables.now();
          Optional<EventSubscription> taken =
              open(new Topic(eventName, eventKey), now)
                  .findFirst()
                  .map(offer -> held(offer, token, workerId, now.plus(duration)));
          taken.ifPresent(this::put);
          return taken;
        });
  }

  @Override
  public List<ItemResult<String>> terminateSubscriptions(List<String> ids) {
    ValueLimits.nonNullElements("terminateSubscriptions", "ids", ids);
    return tables.forEach(
        ids,
        Collections.nCopies(ids.size(), null),
        id -> {
          tables.subscriptions.remove(find(id).id());
          return id;
        });
  }
}
