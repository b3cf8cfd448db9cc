package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.Registration;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Listeners are called after work became due. */
public abstract class WakeUpContract extends LeasingContract {
  private final AtomicInteger calls = new AtomicInteger();
  private final String topic = Samples.unique("topic");
  private Registration registration = () -> {};

  @BeforeEach
  void listen() {
    registration = provider().onWorkDue(calls::incrementAndGet);
  }

  @AfterEach
  void stop() {
    registration.close();
  }

  /** Hints may be spurious, so only a call after the work counts. */
  private void assertHint(Runnable work) {
    int before = calls.get();
    work.run();
    Together.until(() -> calls.get() > before);
  }

  private LiveWorkflow asleep() {
    return LiveWorkflow.of(provider().create(instance().nextExecution(null).build()));
  }

  @Test
  void aDueWorkflowThatIsCreatedIsHinted() {
    assertHint(() -> provider().createNewWorkflow(instance().nextExecution(0L).build()));
    assertHint(() -> provider().create(instance().nextExecution(0L).build()));
    assertHint(() -> provider().createAll(List.of(instance().build(), instance().build())));
    assertHint(
        () ->
            provider()
                .write(WorkflowWrite.of(asleep()).create(List.of(instance().build())).build()));
  }

  @Test
  void aWorkflowThatIsWrittenAndDueIsHinted() {
    LiveWorkflow first = asleep();
    assertHint(
        () ->
            provider()
                .write(WorkflowWrite.of(first.toBuilder().nextExecution(0L).build()).build()));
    LiveWorkflow second = asleep();
    assertHint(() -> provider().write(WorkflowWrite.of(second).dueAfter(Duration.ZERO).build()));
    LiveWorkflow third = asleep();
    assertHint(
        () ->
            provider()
                .writeAll(
                    List.of(
                        WorkflowWrite.of(third.toBuilder().nextExecution(0L).build()).build())));
  }

  @Test
  void aWorkflowThatIsPersistedAndDueIsHinted() {
    WorkflowInstance first = provider().create(instance().nextExecution(null).build());
    assertHint(() -> provider().persistWorkflow(first.toBuilder().nextExecution(0L).build()));
    WorkflowInstance second = provider().create(instance().nextExecution(null).build());
    assertHint(
        () ->
            provider()
                .persistWorkflowWithSubscriptions(
                    second.toBuilder().nextExecution(0L).build(), List.of()));
  }

  @Test
  void aPublishedEventIsHinted() {
    assertHint(() -> provider().createEvent(Samples.event(topic, Samples.NOON)));
    assertHint(() -> provider().createEvents(List.of(Samples.event(topic, Samples.NOON))));
    assertHint(
        () ->
            provider()
                .write(
                    WorkflowWrite.of(asleep())
                        .publish(List.of(Samples.event(topic, Samples.NOON)))
                        .build()));
  }

  @Test
  void anEventThatBecomesUnprocessedAgainIsHinted() {
    Event event = Samples.event(topic, Samples.NOON).toBuilder().processed(true).build();
    provider().createEvent(event);
    assertHint(() -> provider().markEventUnprocessed(event.id()));

    provider().markEventProcessed(event.id());
    LiveWorkflow workflow = asleep();
    EventSubscription subscription = Samples.subscription(workflow.id(), topic, Samples.NOON);
    assertHint(
        () ->
            provider().write(WorkflowWrite.of(workflow).subscribe(List.of(subscription)).build()));
    provider().terminateSubscription(subscription.id());
    provider().markEventProcessed(event.id());
    assertHint(() -> provider().createEventSubscription(subscription));
  }

  @Test
  void anOfferThatCanBeTakenIsHinted() {
    EventSubscription offer =
        Samples.subscription("w", topic, Samples.NOON).toBuilder()
            .subscriptionData(JsonNodeFactory.instance.textNode("input"))
            .build();
    assertHint(
        () ->
            provider()
                .write(
                    WorkflowWrite.of(asleep())
                        .subscribe(List.of(offer.toBuilder().id("").build()))
                        .build()));
    assertHint(
        () ->
            provider()
                .persistWorkflowWithSubscriptions(
                    provider().create(instance().nextExecution(null).build()),
                    List.of(offer.toBuilder().id("").build())));
    assertHint(() -> provider().createEventSubscription(offer));

    EventSubscription taken =
        provider().takeOffer(topic, offer.eventKey(), "token", "worker", LONG).orElseThrow();
    assertHint(() -> provider().clearSubscriptionToken(taken.id(), "token"));
  }

  @Test
  void theEndOfALeaseOnDueWorkIsHinted() {
    ClaimedWorkflow first = claimed(LONG);
    assertHint(
        () ->
            provider()
                .write(
                    WorkflowWrite.of(first.workflow())
                        .under(first.claim(), LeaseAction.RELEASE)
                        .build()));
    ClaimedWorkflow second = claimAll(provider(), "host").workflows().get(0);
    assertHint(() -> provider().release(List.of(second.claim())));
    store().empty();
    provider().createEvent(Samples.event(topic, Samples.NOON));
    assertHint(
        () ->
            provider()
                .release(
                    List.of(
                        provider()
                            .claimEvents(new ClaimRequest("host", List.of(), 1, 1_000, LONG))
                            .get(0)
                            .claim())));
  }

  @Test
  void afterTheEndOfItsRegistrationAListenerIsNotCalled() {
    AtomicInteger ended = new AtomicInteger();
    Registration other = provider().onWorkDue(ended::incrementAndGet);
    assertHint(() -> due(0));
    Together.until(() -> ended.get() > 0);

    other.close();
    other.close();
    int before = ended.get();
    assertHint(() -> due(0));

    assertThat(ended.get()).isEqualTo(before);
  }

  @Test
  void aListenerThatThrowsAffectsNeitherTheOperationNorOthers() {
    try (Registration failing =
            provider()
                .onWorkDue(
                    () -> {
                      throw new IllegalStateException("listener that throws, on purpose");
                    });
        Registration error =
            provider()
                .onWorkDue(
                    () -> {
                      throw new AssertionError("listener that throws, on purpose");
                    })) {
      assertThat(failing).isNotSameAs(error);
      AtomicInteger later = new AtomicInteger();
      try (Registration last = provider().onWorkDue(later::incrementAndGet)) {
        assertThat(last).isNotNull();
        String id = due(0);
        assertThat(provider().getWorkflowInstance(id).id()).isEqualTo(id);
        Together.until(() -> later.get() > 0 && calls.get() > 0);
      }
    }
  }

  @Test
  void aListenerMayCallTheProvider() {
    AtomicInteger found = new AtomicInteger();
    try (Registration claiming =
        provider()
            .onWorkDue(
                () ->
                    found.addAndGet(
                        provider()
                            .claimWorkflows(request("listener", 10, LONG))
                            .workflows()
                            .size()))) {
      assertThat(claiming).isNotNull();
      due(0);

      Together.until(() -> found.get() == 1);
    }
  }
}
