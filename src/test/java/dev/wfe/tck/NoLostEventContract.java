package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Guarantee 2: no lost event. A host publishes an event, finds no subscription and marks it
 * processed, while another host subscribes to it. In every interleaving either the first host sees
 * the subscription, or the event is unprocessed again.
 */
public abstract class NoLostEventContract extends Contract {
  private static final int ROUNDS = 200;

  /** Whose subscriptions hold events back. */
  private final WorkflowInstance waiting = Samples.instance();

  @BeforeEach
  void aWorkflowWaits() {
    provider().createNewWorkflow(waiting);
  }

  /** True when nobody was found. */
  private static boolean marked(PersistenceProvider host, Event event) {
    List<EventSubscription> open =
        host.getSubscriptions(event.eventName(), event.eventKey(), Samples.NOON);
    return open.isEmpty() && host.markEventProcessed(event.id());
  }

  private Callable<Boolean> publishing(Event event) {
    return () -> {
      provider().createEvent(event);
      return marked(provider(), event);
    };
  }

  private Callable<Boolean> lookingAt(Event event) {
    return () -> marked(provider(), event);
  }

  private Callable<Boolean> subscribing(EventSubscription subscription) {
    return () -> !anotherHost().createEventSubscription(subscription).isEmpty();
  }

  private Callable<Boolean> persisting(WorkflowInstance instance, EventSubscription subscription) {
    return () ->
        anotherHost()
            .persistWorkflowWithSubscriptions(instance, List.of(subscription))
            .subscriptionIds()
            .contains(subscription.id());
  }

  private boolean isProcessed(Event event) {
    return provider().getEvent(event.id()).processed();
  }

  @Test
  void anEventThatIsPublishedWhileSomebodySubscribesIsNotLost() throws Exception {
    List<Integer> lost = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Event event = Samples.event(Samples.unique("topic"), Samples.NOON);
      EventSubscription subscription =
          Samples.subscription(waiting.id(), event.eventName(), Samples.NOON);

      Together.run(publishing(event), subscribing(subscription));

      if (isProcessed(event)) {
        lost.add(round);
      }
    }
    assertThat(lost).isEmpty();
  }

  @Test
  void anEventThatIsMarkedWhileSomebodySubscribesIsNotLost() throws Exception {
    List<Integer> lost = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Event event = Samples.event(Samples.unique("topic"), Samples.NOON);
      provider().createEvent(event);
      EventSubscription subscription =
          Samples.subscription(waiting.id(), event.eventName(), Samples.NOON);

      Together.run(lookingAt(event), subscribing(subscription));

      if (isProcessed(event)) {
        lost.add(round);
      }
    }
    assertThat(lost).isEmpty();
  }

  @Test
  void anEventThatIsMarkedWhileAnInstanceIsPersistedWithItsSubscriptionIsNotLost()
      throws Exception {
    WorkflowInstance instance = Samples.fullInstance();
    provider().createNewWorkflow(instance);
    List<Integer> lost = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Event event = Samples.event(Samples.unique("topic"), Samples.NOON);
      provider().createEvent(event);
      EventSubscription subscription =
          Samples.subscription(waiting.id(), event.eventName(), Samples.NOON);

      Together.run(
          lookingAt(event),
          persisting(provider().getWorkflowInstance(instance.id()), subscription));

      if (isProcessed(event)) {
        lost.add(round);
      }
    }
    assertThat(lost).isEmpty();
  }

  @Test
  void anEventThatIsMarkedWhileAnEndedWorkflowIsRevivedIsNotLost() throws Exception {
    List<Integer> lost = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      WorkflowInstance ended =
          Samples.instance().toBuilder().status(WorkflowStatus.TERMINATED).build();
      provider().createNewWorkflow(ended);
      WorkflowInstance read = provider().getWorkflowInstance(ended.id());
      Event event = Samples.event(Samples.unique("topic"), Samples.NOON);
      provider().createEvent(event);
      provider()
          .createEventSubscription(
              Samples.subscription(ended.id(), event.eventName(), Samples.NOON));
      boolean knowsRevision = round % 2 == 0;
      WorkflowInstance revived =
          read.toBuilder()
              .status(WorkflowStatus.RUNNABLE)
              .revision(knowsRevision ? read.revision() : null)
              .build();

      Together.run(
          () -> provider().markEventProcessed(event.id()),
          () -> anotherHost().persistWorkflow(revived).status() == WorkflowStatus.RUNNABLE);

      if (isProcessed(event)) {
        lost.add(round);
      }
    }
    assertThat(lost).isEmpty();
  }

  /** Many at once on one topic: whoever waits for a lock must get it in the end. */
  @Test
  void manyMayPublishMarkAndSubscribeToOneTopicAtOnce() throws Exception {
    String topic = Samples.unique("topic");
    List<String> published =
        Together.run(
                8,
                number ->
                    () -> {
                      List<String> ids = new ArrayList<>();
                      for (int i = 0; i < 10; i++) {
                        Event event = Samples.event(topic, Samples.NOON.plusSeconds(i));
                        ids.add(host(number).createEvent(event));
                        if (number < 4) {
                          marked(host(number), event);
                        } else if (i == 5) {
                          host(number)
                              .createEventSubscription(
                                  Samples.subscription(waiting.id(), topic, Samples.NOON));
                        }
                      }
                      return ids;
                    })
            .stream()
            .flatMap(List::stream)
            .toList();

    assertThat(published).hasSize(80).noneMatch(id -> provider().getEvent(id).processed());
    assertThat(provider().getSubscriptions(topic, "key", Samples.NOON)).hasSize(4);
  }
}
