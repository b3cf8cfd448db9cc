package dev.wfe.memory;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.persistence.ValueLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

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
          List<EventSubscription> given = List.of(subscription);
          requireNewIds(given);
          List<EventSubscription> added = addAll(given);
          replay(added);
          return added.get(0).id();
        });
  }

  /** Refuses ids that are taken; the exception names the first of them in order. */
  void requireNewIds(List<EventSubscription> given) {
    given.stream()
        .map(EventSubscription::id)
        .filter(tables.subscriptions::containsKey)
        .min(naturalOrder())
        .ifPresent(
            id -> {
              throw new DuplicateException(Subject.SUBSCRIPTION, "id", id);
            });
  }

  /** Stores the subscriptions, and returns them with their ids. */
  List<EventSubscription> addAll(List<EventSubscription> given) {
    List<EventSubscription> added = new ArrayList<>();
    for (EventSubscription subscription : given) {
      String id = MemoryTables.orNewId(subscription.id());
      EventSubscription stored = subscription.toBuilder().id(id).build();
      tables.subscriptions.put(id, stored);
      added.add(stored);
    }
    return added;
  }

  List<EventSubscription> ofWorkflow(String workflowId) {
    return tables.subscriptions.values().stream()
        .filter(subscription -> subscription.workflowId().equals(workflowId))
        .toList();
  }

  /**
   * Makes the processed events that the subscriptions cover unprocessed.
   *
   * @return the ids of these events, oldest first
   */
  List<String> replay(Collection<EventSubscription> subscriptions) {
    List<Event> covered =
        tables.events.values().stream()
            .filter(Event::processed)
            .filter(event -> subscriptions.stream().anyMatch(one -> covers(one, event)))
            .sorted(comparing(MemoryTables::position, MemoryTables.ORDER))
            .toList();
    covered.forEach(
        event -> tables.events.put(event.id(), event.toBuilder().processed(false).build()));
    return covered.stream().map(Event::id).toList();
  }

  /** Whether a subscription of a workflow that has not ended covers the event. */
  boolean holdBack(Event event) {
    return tables.subscriptions.values().stream()
        .filter(subscription -> covers(subscription, event))
        .anyMatch(subscription -> isOpen(subscription.workflowId()));
  }

  private static boolean covers(EventSubscription subscription, Event event) {
    return subscription.eventName().equals(event.eventName())
        && subscription.eventKey().equals(event.eventKey())
        && !MemoryTables.position(event).time().isBefore(subscription.subscribeAsOf());
  }

  private boolean isOpen(String workflowId) {
    WorkflowInstance workflow = tables.workflows.get(workflowId);
    return workflow != null && !workflow.status().isEnded();
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
        () ->
            tables.subscriptions.values().stream()
                .filter(subscription -> subscription.eventName().equals(eventName))
                .filter(subscription -> subscription.eventKey().equals(eventKey))
                .filter(subscription -> !subscription.subscribeAsOf().isAfter(asOf))
                .filter(subscription -> !isHeld(subscription))
                .sorted(
                    comparing(EventSubscription::subscribeAsOf)
                        .thenComparing(EventSubscription::id))
                .limit(limit)
                .toList());
  }

  private boolean isHeld(EventSubscription subscription) {
    Instant expiry = subscription.externalTokenExpiry();
    return subscription.externalToken() != null && (expiry == null || expiry.isAfter(tables.now()));
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
    if (isHeld(subscription)) {
      return false;
    }
    tables.subscriptions.put(
        id,
        subscription.toBuilder()
            .externalToken(token)
            .externalWorkerId(workerId)
            .externalTokenExpiry(expiry)
            .build());
    return true;
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
            tables.subscriptions.put(
                id,
                subscription.toBuilder().externalTokenExpiry(tables.now().plus(duration)).build());
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
            tables.subscriptions.put(
                id,
                findHeldUnder(token, id).toBuilder()
                    .externalToken(null)
                    .externalWorkerId(null)
                    .externalTokenExpiry(null)
                    .build()));
  }

  @Override
  public Optional<EventSubscription> takeOffer(
      String eventName, String eventKey, String token, String workerId, Duration duration) {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public List<ItemResult<String>> terminateSubscriptions(List<String> ids) {
    throw new UnsupportedOperationException("not built yet");
  }
}
