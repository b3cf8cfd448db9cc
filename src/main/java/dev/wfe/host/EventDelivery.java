package dev.wfe.host;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.Topic;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers events to the workflows that wait for them, many in one round trip. A delivery is one
 * write: it ends the subscription, ends the wait, and makes the workflow due. It needs no lease on
 * the workflow: if a host is executing it, that host's next write is stale, and it applies its
 * outcomes again.
 *
 * <p>Used by one thread at a time.
 */
final class EventDelivery {
  /** How many events one claim takes, and to how many instances one write delivers. */
  private static final int MAX_GROUP = 50;

  /** How many waits for each event are read at first. */
  private static final int MAX_WAITS = 50;

  private static final Logger LOG = LoggerFactory.getLogger(EventDelivery.class);

  private final PersistenceProvider provider;
  private final Definitions definitions;
  private final Engine engine;
  private final HostSettings settings;
  private final InstantSource clock;
  private final Consumer<String> terminate;
  private final Listeners listeners;
  private final NextEvents nextEvents;

  EventDelivery(
      PersistenceProvider provider,
      Definitions definitions,
      HostJson json,
      HostSettings settings,
      InstantSource clock,
      Consumer<String> terminate,
      Listeners listeners) {
    this.listeners = listeners;
    this.terminate = terminate;
    this.provider = provider;
    this.definitions = definitions;
    this.engine = new Engine(json);
    this.settings = settings;
    this.clock = clock;
    this.nextEvents = new NextEvents(provider);
  }

  /**
   * Claims due events, delivers them, and marks them processed.
   *
   * @return whether there was anything to do
   * @throws StoreException if the database cannot be reached; events stay due
   */
  boolean deliver() {
    List<ClaimedEvent> claimed =
        provider.claimEvents(
            new ClaimRequest(
                settings.owner(),
                definitions.versions(),
                MAX_GROUP,
                settings.maxBytes(),
                settings.lease()));
    if (claimed.isEmpty()) {
      return false;
    }
    Map<String, Event> open = new LinkedHashMap<>();
    claimed.forEach(item -> open.put(item.event().id(), item.event()));
    Set<Topic> blocked = new HashSet<>();
    boolean isProgress = false;
    try {
      open.values().stream().filter(Children::isOrder).forEach(this::stop);
      // Twice in vain: a wait may have been stored between the first look and the marking.
      for (int inVain = 0; inVain < 2 && !open.isEmpty(); ) {
        blocked.clear();
        boolean isDelivered = deliverOnce(open.values(), blocked);
        boolean isMarked = markProcessed(open);
        isProgress = isProgress || isDelivered || isMarked;
        inVain = isDelivered ? 0 : inVain + 1;
      }
    } finally {
      release(claimed, open, blocked);
    }
    return isProgress;
  }

  /** Terminates a child whose parent has ended. */
  private void stop(Event order) {
    try {
      terminate.accept(order.eventKey());
    } catch (NotFoundException deleted) {
      LOG.debug("Child workflow {} does not exist", order.eventKey(), deleted);
    }
  }

  /**
   * Makes one delivery to each open wait for the topics of the events.
   *
   * @param blocked receives the topics for which workflows of this host wait, unless trying again
   *     soon helps
   * @return whether to try again, because a wait that has ended may be followed by another one
   */
  private boolean deliverOnce(Collection<Event> events, Set<Topic> blocked) {
    Set<Topic> topics = events.stream().map(Topic::of).collect(Collectors.toSet());
    for (int limit = MAX_WAITS; ; limit *= 4) {
      List<EventSubscription> open = provider.getSubscriptions(topics, limit);
      Map<String, List<EventSubscription>> byWorkflow =
          open.stream()
              .collect(
                  Collectors.groupingBy(
                      EventSubscription::workflowId, LinkedHashMap::new, Collectors.toList()));
      List<List<EventSubscription>> workflows = List.copyOf(byWorkflow.values());
      boolean again = false;
      for (int i = 0; i < workflows.size(); i += MAX_GROUP) {
        again |=
            deliverTo(
                workflows.subList(i, Math.min(workflows.size(), i + MAX_GROUP)), events, blocked);
      }
      if (again || !hasMore(open, limit)) {
        return again;
      }
      // Nothing can be delivered to these; look behind them.
    }
  }

  private static boolean hasMore(List<EventSubscription> open, int limit) {
    return open.stream()
        .collect(Collectors.groupingBy(Topic::of, Collectors.counting()))
        .values()
        .stream()
        .anyMatch(count -> count >= limit);
  }

  /**
   * Makes one delivery to each wait of some workflows.
   *
   * @param workflows the subscriptions of each workflow
   */
  private boolean deliverTo(
      List<List<EventSubscription>> workflows, Collection<Event> events, Set<Topic> blocked) {
    Map<String, List<EventSubscription>> subscriptions = new LinkedHashMap<>();
    workflows.forEach(ofOne -> subscriptions.put(ofOne.get(0).workflowId(), ofOne));
    List<Waiting> waiting = new ArrayList<>();
    for (LiveWorkflow live : provider.getLiveWorkflows(List.copyOf(subscriptions.keySet()))) {
      if (definitions.of(live) != null && !live.status().isEnded()) {
        List<EventSubscription> own = subscriptions.getOrDefault(live.id(), List.of());
        own.forEach(subscription -> blocked.add(Topic.of(subscription)));
        waiting.add(Waiting.of(live, own));
      }
    }
    Map<String, Event> next =
        nextEvents.of(waiting.stream().flatMap(one -> one.waits().stream()).toList(), events);
    List<Delivery> deliveries = new ArrayList<>();
    for (Waiting one : waiting) {
      List<Outcome> outcomes = one.outcomes(next);
      if (!outcomes.isEmpty()) {
        add(deliveries, one.live(), outcomes);
      }
    }
    return !deliveries.isEmpty() && writeAll(deliveries, blocked);
  }

  /** An instance and those of its waits to which the subscriptions belong. */
  private record Waiting(LiveWorkflow live, List<Wait> waits) {
    static Waiting of(LiveWorkflow live, List<EventSubscription> subscriptions) {
      return new Waiting(
          live,
          subscriptions.stream()
              .map(EventSubscription::executionPointerId)
              .distinct()
              .flatMap(pointerId -> Wait.of(live, pointerId).stream())
              .toList());
    }

    /**
     * The deliveries to the waits.
     *
     * @param events the events by the ids of the pointers that consume them
     */
    List<Outcome> outcomes(Map<String, Event> events) {
      List<Outcome> outcomes = new ArrayList<>();
      for (Wait wait : waits) {
        Event event = events.get(wait.pointer().id());
        if (event != null) {
          outcomes.add(Outcome.Delivered.of(wait.pointer().id(), event));
        }
      }
      return outcomes;
    }
  }

  private void add(List<Delivery> deliveries, LiveWorkflow live, List<Outcome> outcomes) {
    try {
      deliveries.add(delivery(Objects.requireNonNull(definitions.of(live)), live, outcomes));
    } catch (RuntimeException | Error unexpected) {
      LOG.error("Events cannot be delivered to workflow {}", live.id(), unexpected);
    }
  }

  /** What happens to waits of an instance, and the write that stores it. */
  private record Delivery(
      Graph<?> graph, LiveWorkflow live, List<Outcome> outcomes, WorkflowWrite write) {}

  private Delivery delivery(Graph<?> graph, LiveWorkflow live, List<Outcome> outcomes) {
    Progress progress = engine.apply(graph, live, outcomes, clock.instant());
    return new Delivery(graph, live, outcomes, progress.write().build());
  }

  /** Suspends the workflow instead, because the delivery is refused for good. */
  private Delivery suspension(Delivery refused, StoreException reason) {
    String message = Failures.message(reason);
    return delivery(
        refused.graph(),
        refused.live(),
        refused.outcomes().stream()
            .<Outcome>map(outcome -> new Outcome.Blocked(outcome.pointerId(), message))
            .toList());
  }

  /** Whether to look for waits again. */
  private boolean writeAll(List<Delivery> deliveries, Set<Topic> blocked) {
    List<ItemResult<WriteResult>> results;
    try {
      results = provider.writeAll(deliveries.stream().<WorkflowWrite>map(Delivery::write).toList());
    } catch (UnknownOutcomeException unknown) {
      return true;
    } catch (InvalidValueException refused) {
      if (deliveries.size() > 1) { // such as writes that are too large together
        boolean again = writeAll(deliveries.subList(0, deliveries.size() / 2), blocked);
        return writeAll(deliveries.subList(deliveries.size() / 2, deliveries.size()), blocked)
            || again;
      }
      results = List.of(new ItemResult.Refused<>(refused));
    }
    boolean again = false;
    for (int i = 0; i < results.size(); i++) {
      again |= settle(deliveries.get(i), results.get(i), blocked);
    }
    return again;
  }

  private boolean settle(Delivery delivery, ItemResult<WriteResult> result, Set<Topic> blocked) {
    if (!(result instanceof ItemResult.Refused<WriteResult> refused)) {
      Failures.logSuspension(LOG, delivery.write());
      listeners.stored(
          delivery.graph(),
          delivery.live(),
          delivery.outcomes(),
          delivery.write(),
          executed -> null,
          clock.instant());
      return true;
    }
    StoreException reason = refused.reason();
    if (reason instanceof StaleRevisionException) {
      return true;
    }
    LOG.warn("An event cannot be delivered to workflow {}", delivery.live().id(), reason);
    if (reason.retryable()) {
      delivery.outcomes().stream()
          .flatMap(outcome -> Wait.of(delivery.live(), outcome.pointerId()).stream())
          .forEach(wait -> blocked.remove(wait.topic()));
      return false;
    }
    return delivery.outcomes().stream().noneMatch(Outcome.Blocked.class::isInstance)
        && writeAll(List.of(suspension(delivery, reason)), blocked);
  }

  /** Removes the events that are processed or deleted. Returns whether there were any. */
  private boolean markProcessed(Map<String, Event> open) {
    List<String> ids = List.copyOf(open.keySet());
    List<ItemResult<Boolean>> results = provider.markEventsProcessed(ids);
    for (int i = 0; i < ids.size(); i++) {
      if (isProcessed(ids.get(i), results.get(i))) {
        open.remove(ids.get(i));
      }
    }
    return open.size() < ids.size();
  }

  private static boolean isProcessed(String id, ItemResult<Boolean> result) {
    try {
      return result.orThrow();
    } catch (NotFoundException deleted) {
      return true;
    } catch (StoreException refused) {
      LOG.warn("Event {} cannot be marked processed", id, refused);
      return false;
    }
  }

  /**
   * Gives events back that only workflows of other hosts wait for, or that can be delivered soon.
   * The others stay leased, so that they are tried again after a while.
   */
  private void release(List<ClaimedEvent> claimed, Map<String, Event> open, Set<Topic> blocked) {
    List<Claim> free =
        claimed.stream()
            .filter(item -> open.containsKey(item.event().id()))
            .filter(item -> !blocked.contains(Topic.of(item.event())))
            .map(ClaimedEvent::claim)
            .toList();
    if (!free.isEmpty()) {
      provider.release(free);
    }
  }
}
