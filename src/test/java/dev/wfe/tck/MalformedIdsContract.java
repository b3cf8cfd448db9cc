package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An id that no store can hold is not found, and never another failure. */
public abstract class MalformedIdsContract extends Contract {
  private static final Instant NOON = Samples.NOON;
  private static final Duration DAY = Duration.ofDays(1);

  static Stream<String> badKeys() {
    return Stream.of("", "a\0", "\ud83d", "x".repeat(1_025), "é".repeat(513));
  }

  @ParameterizedTest
  @MethodSource("badKeys")
  void anIdThatNoStoreCanHoldIsNotFound(String id) {
    PersistenceProvider provider = provider();
    assertNotFound(Subject.WORKFLOW, () -> provider.getWorkflowInstance(id));
    assertNotFound(Subject.WORKFLOW, () -> provider.getWorkflowInstanceByName(id));
    assertNotFound(Subject.EVENT, () -> provider.getEvent(id));
    assertNotFound(Subject.EVENT, () -> provider.markEventProcessed(id));
    assertNotFound(Subject.EVENT, () -> provider.markEventUnprocessed(id));
    assertNotFound(Subject.SUBSCRIPTION, () -> provider.getSubscription(id));
    assertNotFound(Subject.SUBSCRIPTION, () -> provider.terminateSubscription(id));
    assertNotFound(Subject.SUBSCRIPTION, () -> provider.setSubscriptionToken(id, "t", "w", NOON));
    assertNotFound(Subject.SUBSCRIPTION, () -> provider.setSubscriptionToken(id, "t", "w", DAY));
    assertNotFound(Subject.SUBSCRIPTION, () -> provider.renewSubscriptionToken(id, "t", DAY));
    assertNotFound(Subject.SUBSCRIPTION, () -> provider.terminateSubscription(id, "t"));
    assertNotFound(Subject.SUBSCRIPTION, () -> provider.clearSubscriptionToken(id, "t"));
  }

  private static void assertNotFound(Subject subject, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            NotFoundException.class,
            failure -> {
              assertThat(failure.subject()).isEqualTo(subject);
              assertThat(failure.getMessage()).hasSizeLessThan(500).doesNotContain("\0");
            });
  }

  @ParameterizedTest
  @MethodSource("badKeys")
  void aKeyThatNoStoreCanHoldMatchesNothing(String text) {
    WorkflowInstance instance = Samples.instance();
    provider().createNewWorkflow(instance);
    Event event = Samples.event(Samples.unique("topic"), NOON);
    provider().createEvent(event);
    String topic = event.eventName();

    assertThat(provider().getWorkflowInstances(List.of(text, instance.id(), text)))
        .containsExactly(instance);
    assertThat(provider().getWorkflowInstances(List.of(text))).isEmpty();
    assertThat(provider().getEvents(text, "key", NOON)).isEmpty();
    assertThat(provider().getEvents(topic, text, NOON)).isEmpty();
    assertThat(provider().getEventsSince(text, "key", NOON)).isEmpty();
    assertThat(provider().getEventsSince(topic, text, NOON)).isEmpty();
    assertThat(provider().getSubscriptions(text, "key", NOON)).isEmpty();
    assertThat(provider().getSubscriptions(topic, text, NOON)).isEmpty();
    assertThat(provider().getSubscriptions(topic, text, NOON, 1)).isEmpty();
    assertThat(provider().getFirstOpenSubscription(topic, text, NOON)).isEmpty();
  }
}
