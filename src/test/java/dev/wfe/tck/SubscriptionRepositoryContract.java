package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Storing subscriptions, and finding the open ones. */
public abstract class SubscriptionRepositoryContract extends Contract {
  private static final Instant NOON = Samples.NOON;

  private final String topic = Samples.unique("topic");

  private EventSubscription create(Instant asOf) {
    EventSubscription subscription = Samples.subscription(topic, asOf);
    provider().createEventSubscription(subscription);
    return subscription;
  }

  @Test
  void aCreatedValueIsReadBack() {
    EventSubscription subscription =
        EventSubscription.builder("workflow", "pointer", topic, "key")
            .id(Samples.unique("subscription"))
            .stepId(Integer.MAX_VALUE)
            .subscribeAsOf(NOON)
            .excludedEventIds(List.of("event 2", "event 1"))
            .subscriptionData(Samples.object())
            .externalToken("token")
            .externalWorkerId("worker")
            .externalTokenExpiry(NOON.plusSeconds(1))
            .build();

    assertThat(provider().createEventSubscription(subscription)).isEqualTo(subscription.id());

    assertThat(anotherHost().getSubscription(subscription.id())).isEqualTo(subscription);
    EventSubscription bare = create(NOON);
    assertThat(provider().getSubscription(bare.id())).isEqualTo(bare);
  }

  @Test
  void anEmptyIdBecomesATimeOrderedUuid() {
    EventSubscription unnamed = Samples.subscription(topic, NOON).toBuilder().id("").build();

    String id = provider().createEventSubscription(unnamed);

    assertThat(UUID.fromString(id).version()).isEqualTo(7);
    assertThat(provider().getSubscription(id)).isEqualTo(unnamed.toBuilder().id(id).build());
    assertThat(provider().createEventSubscription(unnamed)).isNotEqualTo(id);
  }

  @Test
  void aTakenIdIsRefused() {
    EventSubscription first = create(NOON);

    assertThatThrownBy(
            () -> provider().createEventSubscription(first.toBuilder().workflowId("other").build()))
        .isInstanceOfSatisfying(
            DuplicateException.class,
            duplicate -> {
              assertThat(duplicate.subject()).isEqualTo(Subject.SUBSCRIPTION);
              assertThat(duplicate.field()).isEqualTo("id");
              assertThat(duplicate.value()).isEqualTo(first.id());
            });
    assertThat(provider().getSubscription(first.id())).isEqualTo(first);
  }

  @Test
  void oneWorkflowMaySubscribeTwiceToTheSame() {
    EventSubscription first = create(NOON);
    EventSubscription second = create(NOON);

    assertThat(provider().getSubscriptions(topic, "key", NOON))
        .containsExactlyInAnyOrder(first, second);
  }

  @Test
  void aMissingRowIsNotFound() {
    assertNotFound(() -> provider().getSubscription("nowhere"));
    assertNotFound(() -> provider().terminateSubscription("nowhere"));
    assertNotFound(() -> provider().setSubscriptionToken("nowhere", "t", "w", NOON));
    assertNotFound(() -> provider().setSubscriptionToken("nowhere", "t", "w", Duration.ofDays(1)));
    assertNotFound(() -> provider().clearSubscriptionToken("nowhere", "t"));
  }

  private static void assertNotFound(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isExactlyInstanceOf(NotFoundException.class)
        .isInstanceOfSatisfying(
            NotFoundException.class,
            failure -> {
              assertThat(failure.subject()).isEqualTo(Subject.SUBSCRIPTION);
              assertThat(failure.ids()).containsExactly("nowhere");
            });
  }

  @Test
  void aTerminatedSubscriptionIsGone() {
    EventSubscription subscription = create(NOON);
    EventSubscription other = create(NOON);

    provider().terminateSubscription(subscription.id());

    assertThatThrownBy(() -> provider().getSubscription(subscription.id()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> provider().terminateSubscription(subscription.id()))
        .isInstanceOf(NotFoundException.class);
    assertThat(provider().getSubscriptions(topic, "key", NOON)).containsExactly(other);
  }

  @Test
  void aHeldSubscriptionMayBeTerminated() {
    EventSubscription subscription = create(NOON);
    provider().setSubscriptionToken(subscription.id(), "t", "w", Duration.ofDays(1));

    provider().terminateSubscription(subscription.id());

    assertThatThrownBy(() -> provider().getSubscription(subscription.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void ofManyWhoTerminateExactlyOneFindsIt() throws Exception {
    EventSubscription subscription = create(NOON);

    List<Boolean> found =
        Together.run(
            8,
            number ->
                () -> {
                  try {
                    host(number).terminateSubscription(subscription.id());
                    return true;
                  } catch (NotFoundException e) {
                    return false;
                  }
                });

    assertThat(found).containsOnlyOnce(true);
  }

  @Test
  void openSubscriptionsAreFoundOldestFirst() {
    EventSubscription now = create(NOON);
    EventSubscription oldest = create(NOON.minusSeconds(2));
    EventSubscription older = create(NOON.minusSeconds(1));
    create(NOON.plusNanos(1_000));
    provider()
        .createEventSubscription(
            Samples.subscription(topic, NOON).toBuilder().eventKey("other").build());
    provider().createEventSubscription(Samples.subscription(topic + "!", NOON));

    assertThat(provider().getSubscriptions(topic, "key", NOON)).containsExactly(oldest, older, now);
    assertThat(provider().getSubscriptions(topic, "key", NOON, 2)).containsExactly(oldest, older);
    assertThat(provider().getSubscriptions(topic, "key", NOON, Integer.MAX_VALUE)).hasSize(3);
    assertThat(provider().getFirstOpenSubscription(topic, "key", NOON)).contains(oldest);
  }

  @Test
  void tiesAreBrokenById() {
    List<EventSubscription> sorted =
        IntStream.range(0, 20)
            .mapToObj(i -> create(NOON))
            .sorted(Comparator.comparing(EventSubscription::id))
            .toList();

    assertThat(provider().getSubscriptions(topic, "key", NOON)).containsExactlyElementsOf(sorted);
    assertThat(provider().getFirstOpenSubscription(topic, "key", NOON)).contains(sorted.get(0));
  }

  @Test
  void theFirstOpenOneIsPassedOnWhenItIsHeld() {
    EventSubscription first = create(NOON.minusSeconds(1));
    EventSubscription second = create(NOON);

    provider().setSubscriptionToken(first.id(), "token", "worker", Duration.ofDays(1));

    assertThat(provider().getFirstOpenSubscription(topic, "key", NOON)).contains(second);
    assertThat(provider().getSubscriptions(topic, "key", NOON)).containsExactly(second);
    provider().terminateSubscription(second.id());
    assertThat(provider().getFirstOpenSubscription(topic, "key", NOON)).isEmpty();
    provider().clearSubscriptionToken(first.id(), "token");
    assertThat(provider().getFirstOpenSubscription(topic, "key", NOON)).contains(first);
  }

  @Test
  void boundsAreExactToTheNanosecondAndAsFarAsInstantsGo() {
    EventSubscription subscription = create(NOON);

    for (Instant before : List.of(NOON.minusNanos(1), NOON.minusNanos(500), Instant.MIN)) {
      assertThat(provider().getSubscriptions(topic, "key", before)).isEmpty();
      assertThat(provider().getSubscriptions(topic, "key", before, 1)).isEmpty();
      assertThat(provider().getFirstOpenSubscription(topic, "key", before)).isEmpty();
    }
    for (Instant after : List.of(NOON.plusNanos(1), NOON.plusNanos(999), Instant.MAX)) {
      assertThat(provider().getSubscriptions(topic, "key", after)).containsExactly(subscription);
      assertThat(provider().getSubscriptions(topic, "key", after, 1)).containsExactly(subscription);
      assertThat(provider().getFirstOpenSubscription(topic, "key", after)).contains(subscription);
    }
  }

  @Test
  void anEmptyKeyIsAKeyOfItsOwn() {
    EventSubscription keyless = Samples.subscription(topic, NOON).toBuilder().eventKey("").build();
    provider().createEventSubscription(keyless);

    assertThat(provider().getSubscriptions(topic, "", NOON)).containsExactly(keyless);
    assertThat(provider().getSubscriptions(topic, "key", NOON)).isEmpty();
  }
}
