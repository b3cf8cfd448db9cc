package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.TokenMismatchException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Taking the oldest open subscription of a topic. */
public abstract class OfferContract extends Contract {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Instant FUTURE = Instant.parse("2999-01-01T00:00:00Z");

  private final String topic = Samples.unique("topic");

  private EventSubscription offered(Instant asOf) {
    EventSubscription subscription = Samples.subscription(topic, asOf);
    provider().createEventSubscription(subscription);
    return subscription;
  }

  private Optional<EventSubscription> take(String token) {
    return provider().takeOffer(topic, "key", token, "worker", LONG);
  }

  @Test
  void theOldestOpenSubscriptionIsTaken() {
    EventSubscription second = offered(Samples.NOON.plusSeconds(1));
    EventSubscription first = offered(Samples.NOON);
    offered(FUTURE);

    EventSubscription taken = take("token-1").orElseThrow();

    assertThat(taken.id()).isEqualTo(first.id());
    assertThat(taken.externalToken()).isEqualTo("token-1");
    assertThat(taken.externalWorkerId()).isEqualTo("worker");
    assertThat(taken.externalTokenExpiry()).isNotNull();
    assertThat(anotherHost().getSubscription(first.id())).isEqualTo(taken);
    assertThat(take("token-2").orElseThrow().id()).isEqualTo(second.id());
    assertThat(take("token-3")).isEmpty();
  }

  @Test
  void tiesAreTakenInTheOrderOfTheirIds() {
    List<String> ids =
        IntStream.range(0, 3).mapToObj(i -> offered(Samples.NOON).id()).sorted().toList();

    assertThat(IntStream.range(0, 3).mapToObj(i -> take("t" + i).orElseThrow().id()))
        .isEqualTo(ids);
  }

  @Test
  void onlySubscriptionsToTheNameAndKeyAreTaken() {
    offered(Samples.NOON);

    assertThat(provider().takeOffer(topic, "other", "token", "worker", LONG)).isEmpty();
    assertThat(provider().takeOffer("other", "key", "token", "worker", LONG)).isEmpty();
    assertThat(provider().takeOffer(topic, "a\0", "token", "worker", LONG)).isEmpty();
    assertThat(provider().takeOffer("\ud83d", "key", "token", "worker", LONG)).isEmpty();
  }

  @Test
  void anOfferIsOpenAgainAfterItsTokenExpired() {
    EventSubscription subscription = offered(Samples.NOON);
    assertThat(provider().takeOffer(topic, "key", "dead", "worker", Duration.ofNanos(1_000)))
        .isPresent();

    Together.until(() -> take("next").isPresent());

    assertThat(provider().getSubscription(subscription.id()).externalToken()).isEqualTo("next");
    assertThatThrownBy(() -> provider().terminateSubscription(subscription.id(), "dead"))
        .isInstanceOf(TokenMismatchException.class);
    provider().terminateSubscription(subscription.id(), "next");
  }

  @Test
  void aTakenOfferIsRenewedAndGivenBack() {
    EventSubscription subscription = offered(Samples.NOON);
    take("token");

    assertThat(provider().renewSubscriptionToken(subscription.id(), "token", LONG)).isTrue();
    assertThat(provider().setSubscriptionToken(subscription.id(), "other", "w", LONG)).isFalse();
    provider().clearSubscriptionToken(subscription.id(), "token");

    assertThat(take("again").orElseThrow().id()).isEqualTo(subscription.id());
  }

  @Test
  void concurrentWorkersGetDifferentOffers() throws Exception {
    List<String> all = IntStream.range(0, 100).mapToObj(i -> offered(Samples.NOON).id()).toList();

    List<List<String>> taken =
        Together.run(
            8,
            number ->
                () -> {
                  List<String> mine = new ArrayList<>();
                  int empty = 0;
                  while (empty < 3) {
                    Optional<EventSubscription> offer =
                        host(number)
                            .takeOffer(topic, "key", "t " + number + mine.size(), "w", LONG);
                    offer.ifPresent(one -> mine.add(one.id()));
                    empty = offer.isEmpty() ? empty + 1 : 0;
                  }
                  return mine;
                });

    assertThat(taken.stream().flatMap(List::stream))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(all);
  }
}
