package dev.wfe.host;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimedEvent;
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
    List<Claim> done = new ArrayList<>();
    try {
      for (ClaimedEvent item : claimed) {
        if (deliver(item.event())) {
          done.add(item.claim());
        }
      }
    } finally {
      if (!done.isEmpty()) {
        provider.release(done);
      }
    }
    return claimed.size();
  }

  /**
   * Delivers the event to all waits that it belongs to, and marks it processed.
   *
   * @return false if a subscription that this host does not know needs it
   */
  private boolean deliver(Event event) {
    try {
      while (deliverOnce(event)) {
        // A wait that has ended may be followed by another one for the same topic.
      }
      return provider.markEventProcessed(event.id());
    } catch (NotFoundException deleted) {
      return true;
    }
  }

  /** Makes one delivery to each open wait; false if there was none. */
  private boolean deliverOnce(Event event) {
    List<EventSubscription> open =
        provider.getSubscriptions(
            event.eventName(),
            event.eventKey(),
            Objects.requireNonNull(event.eventTime()).plus(Topics.LATE),
            MAX_SUBSCRIPTIONS);
    if (open.isEmpty()) {
      return false;
    }
    Map<String, LiveWorkflow> workflows = new LinkedHashMap<>();
    provider
        .getLiveWorkflows(open.stream().map(EventSubscription::workflowId).distinct().toList())
        .forEach(live -> workflows.put(live.id(), live));
    List<WorkflowWrite> writes = new ArrayList<>();
    for (EventSubscription subscription : open) {
      LiveWorkflow live = workflows.get(subscription.workflowId());
      Graph<?> graph = live == null ? null : definitions.of(live);
      if (live != null && graph != null && !live.status().isEnded()) {
        write(graph, live, subscription).ifPresent(writes::add);
      }
    }
    return !writes.isEmpty() && writeAll(writes);
  }

  private <D> Optional<WorkflowWrite> write(
      Graph<D> graph, LiveWorkflow live, EventSubscription subscription) {
    return live.pointers().stream()
        .filter(pointer -> pointer.id().equals(subscription.executionPointerId()))
        .filter(pointer -> pointer.status() == PointerStatus.WAITING_FOR_EVENT)
        .findFirst()
        .flatMap(pointer -> topics.oldestFor(live, pointer).map(event -> outcome(pointer, event)))
        .map(outcome -> engine.apply(graph, live, List.of(outcome), clock.instant()))
        .filter(Progress::isChange)
        .map(progress -> progress.write().build());
  }

  private static Outcome outcome(ExecutionPointer pointer, Event event) {
    return new Outcome.Delivered(
        pointer.id(), event.id(), Objects.requireNonNull(event.eventTime()), event.eventData());
  }

  /** Whether to look for subscriptions again. */
  private boolean writeAll(List<WorkflowWrite> writes) {
    List<ItemResult<WriteResult>> results;
    try {
      results = provider.writeAll(writes);
    } catch (UnknownOutcomeException unknown) {
      return true;
    }
    boolean again = false;
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i) instanceof ItemResult.Refused<WriteResult> refused) {
        if (refused.reason() instanceof StaleRevisionException) {
          again = true;
        } else {
          LOG.warn(
              "An event cannot be delivered to workflow {}",
              writes.get(i).workflow().id(),
              refused.reason());
        }
      } else {
        again = true;
        topics.recheck(writes.get(i).workflow(), writes.get(i).subscriptions());
      }
    }
    return again;
  }
}
