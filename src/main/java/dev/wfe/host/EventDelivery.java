package dev.wfe.host;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.persistence.Claim;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers events to the workflows that wait for them. A delivery is one write: it ends the
 * subscription, ends the wait, and makes the workflow due. It needs no lease on the workflow: if a
 * host is executing it, that host's next write is stale, and it applies its outcomes again.
 *
 * <p>Used by one thread at a time.
 */
final class EventDelivery {
  private static final int MAX_EVENTS = 50;
  private static final int MAX_SUBSCRIPTIONS = 100;

  private static final Logger LOG = LoggerFactory.getLogger(EventDelivery.class);

  private final PersistenceProvider provider;
  private final Definitions definitions;
  private final Engine engine;
  private final HostSettings settings;
  private final InstantSource clock;
  private final Topics topics;

  EventDelivery(
      PersistenceProvider provider,
      Definitions definitions,
      HostJson json,
      HostSettings settings,
      InstantSource clock) {
    this.provider = provider;
    this.definitions = definitions;
    this.engine = new Engine(json);
    this.settings = settings;
    this.clock = clock;
    this.topics = new Topics(provider);
  }

  /**
   * Claims due events and delivers them.
   *
   * @return how many events were claimed
   * @throws StoreException if the database cannot be reached; events stay due
   */
  int deliver() {
    List<ClaimedEvent> claimed =
        provider.claimEvents(settings.owner(), MAX_EVENTS, settings.lease());
    List<Claim> free = new ArrayList<>(claimed.stream().map(ClaimedEvent::claim).toList());
    try {
      for (ClaimedEvent item : claimed) {
        if (!deliverOrLeave(item.event())) {
          free.remove(item.claim());
        }
      }
    } finally {
      if (!free.isEmpty()) {
        provider.release(free);
      }
    }
    return claimed.size();
  }

  /** As {@link #deliver(Event)}; an event that fails for a reason of its own is left alone. */
  private boolean deliverOrLeave(Event event) {
    try {
      return deliver(event);
    } catch (StoreException failure) {
      if (failure.retryable()) {
        throw failure;
      }
      LOG.error("Event {} cannot be delivered; it stays leased", event.id(), failure);
      return false;
    } catch (RuntimeException | Error unexpected) {
      LOG.error("Event {} cannot be delivered; it stays leased", event.id(), unexpected);
      return false;
    }
  }

  /**
   * Delivers the event to all waits that it belongs to, and marks it processed.
   *
   * @return false if a subscription that this host does not know needs it
   */
  private boolean deliver(Event event) {
    try {
      do {
        while (deliverOnce(event)) {
          // A wait that has ended may be followed by another one for the same topic.
        }
        if (provider.markEventProcessed(event.id())) {
          return true;
        }
        // An open subscription: stored since the last look, or one that this host does not know.
      } while (deliverOnce(event));
      return false;
    } catch (NotFoundException deleted) {
      return true;
    }
  }

  /** Makes one delivery to each open wait; false if there was none. */
  private boolean deliverOnce(Event event) {
    for (int limit = MAX_SUBSCRIPTIONS; ; limit *= 4) {
      List<EventSubscription> open =
          provider.getSubscriptions(
              event.eventName(),
              event.eventKey(),
              Objects.requireNonNull(event.eventTime()).plus(Topics.LATE),
              limit);
      if (deliverTo(open, event)) {
        return true;
      }
      if (open.size() < limit) {
        return false;
      }
      // Other hosts know the definitions of all these; look behind them.
    }
  }

  private boolean deliverTo(List<EventSubscription> open, Event event) {
    if (open.isEmpty()) {
      return false;
    }
    Map<String, LiveWorkflow> workflows = new LinkedHashMap<>();
    provider
        .getLiveWorkflows(open.stream().map(EventSubscription::workflowId).distinct().toList())
        .forEach(live -> workflows.put(live.id(), live));
    List<Delivery<?>> deliveries = new ArrayList<>();
    for (EventSubscription subscription : open) {
      LiveWorkflow live = workflows.get(subscription.workflowId());
      Graph<?> graph = live == null ? null : definitions.of(live);
      if (live != null && graph != null && !live.status().isEnded()) {
        delivery(graph, live, subscription, event).ifPresent(deliveries::add);
      }
    }
    return !deliveries.isEmpty() && writeAll(deliveries);
  }

  /** What happens to a wait, and the write that stores it. */
  private record Delivery<D>(
      Graph<D> graph, LiveWorkflow live, Outcome outcome, WorkflowWrite write) {}

  private <D> Optional<Delivery<D>> delivery(
      Graph<D> graph, LiveWorkflow live, EventSubscription subscription, Event claimed) {
    return live.pointers().stream()
        .filter(pointer -> pointer.id().equals(subscription.executionPointerId()))
        .filter(pointer -> pointer.status() == PointerStatus.WAITING_FOR_EVENT)
        .findFirst()
        .flatMap(
            pointer ->
                topics.oldestFor(live, pointer, claimed).map(event -> outcome(pointer, event)))
        .map(outcome -> delivery(graph, live, outcome));
  }

  private <D> Delivery<D> delivery(Graph<D> graph, LiveWorkflow live, Outcome outcome) {
    Progress progress = engine.apply(graph, live, List.of(outcome), clock.instant());
    return new Delivery<>(graph, live, outcome, progress.write().build());
  }

  /** Suspends the workflow instead, because the delivery is refused for good. */
  private <D> Delivery<D> blocked(Delivery<D> refused, StoreException reason) {
    String message = Failures.message(reason);
    return delivery(
        refused.graph(),
        refused.live(),
        new Outcome.Blocked(refused.outcome().pointerId(), message));
  }

  private static Outcome outcome(ExecutionPointer pointer, Event event) {
    return new Outcome.Delivered(
        pointer.id(), event.id(), Objects.requireNonNull(event.eventTime()), event.eventData());
  }

  /** Whether to look for subscriptions again. */
  private boolean writeAll(List<Delivery<?>> deliveries) {
    List<ItemResult<WriteResult>> results;
    try {
      results = provider.writeAll(deliveries.stream().<WorkflowWrite>map(Delivery::write).toList());
    } catch (UnknownOutcomeException unknown) {
      return true;
    } catch (InvalidValueException refused) {
      if (deliveries.size() > 1) { // such as writes that are too large together
        boolean again = writeAll(deliveries.subList(0, deliveries.size() / 2));
        return writeAll(deliveries.subList(deliveries.size() / 2, deliveries.size())) || again;
      }
      results = List.of(new ItemResult.Refused<>(refused));
    }
    boolean again = false;
    for (int i = 0; i < results.size(); i++) {
      again |= settle(deliveries.get(i), results.get(i));
    }
    return again;
  }

  private boolean settle(Delivery<?> delivery, ItemResult<WriteResult> result) {
    if (!(result instanceof ItemResult.Refused<WriteResult> refused)) {
      Failures.logSuspension(LOG, delivery.write());
      topics.recheck(delivery.write().workflow(), delivery.write().subscriptions());
      return true;
    }
    StoreException reason = refused.reason();
    if (reason instanceof StaleRevisionException) {
      return true;
    }
    LOG.warn("An event cannot be delivered to workflow {}", delivery.live().id(), reason);
    if (reason.retryable() || delivery.outcome() instanceof Outcome.Blocked) {
      return false;
    }
    return writeAll(List.of(blocked(delivery, reason)));
  }
}
