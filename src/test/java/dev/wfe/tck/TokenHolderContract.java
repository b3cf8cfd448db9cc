package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.TokenMismatchException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only the holder of a subscription's token may do: renew it, terminate the subscription. */
public abstract class TokenHolderContract extends Contract {
  private static final Duration SHORT = Duration.ofHours(1);
  private static final Duration LONG = Duration.ofDays(1);
  private static final Instant PAST = Instant.parse("2001-01-01T00:00:00Z");

  private String heldUntil(Instant expiry) {
    EventSubscription subscription = Samples.subscription(Samples.unique("topic"), Samples.NOON);
    provider().createEventSubscription(subscription);
    assertThat(provider().setSubscriptionToken(subscription.id(), "mine", "me", expiry)).isTrue();
    return subscription.id();
  }

  private String held() {
    return heldUntil(Instant.now().plus(SHORT));
  }

  private String heldByAnotherSinceMineExpired() {
    String id = heldUntil(PAST);
    assertThat(anotherHost().setSubscriptionToken(id, "theirs", "they", SHORT)).isTrue();
    return id;
  }

  private Instant expiry(String id) {
    return Objects.requireNonNull(provider().getSubscription(id).externalTokenExpiry());
  }

  @Test
  void aRenewalCountsFromTheStoresNow() {
    String id = held();
    Instant before = expiry(id);

    assertThat(provider().renewSubscriptionToken(id, "mine", LONG)).isTrue();
    assertThat(expiry(id)).isAfter(before.plus(SHORT));
    assertThat(provider().getSubscription(id).externalWorkerId()).isEqualTo("me");

    assertThat(provider().renewSubscriptionToken(id, "mine", SHORT)).isTrue();
    assertThat(expiry(id)).isBefore(before.plus(SHORT));
  }

  @Test
  void anExpiredHoldThatNobodyReplacedIsRenewed() {
    String id = heldUntil(PAST);

    assertThat(provider().renewSubscriptionToken(id, "mine", LONG)).isTrue();
    assertThat(anotherHost().setSubscriptionToken(id, "theirs", "they", LONG)).isFalse();
  }

  @Test
  void aHoldThatWasReplacedIsNotRenewed() {
    String id = heldByAnotherSinceMineExpired();
    EventSubscription before = provider().getSubscription(id);

    assertThat(provider().renewSubscriptionToken(id, "mine", LONG)).isFalse();
    assertThat(provider().getSubscription(id)).isEqualTo(before);
  }

  @Test
  void aHoldThatWasClearedIsNotRenewed() {
    String id = held();
    provider().clearSubscriptionToken(id, "mine");

    assertThat(provider().renewSubscriptionToken(id, "mine", LONG)).isFalse();
    assertThat(provider().getSubscription(id).externalToken()).isNull();
  }

  @Test
  void theHolderEndsTheSubscription() {
    for (String id : new String[] {held(), heldUntil(PAST)}) {
      provider().terminateSubscription(id, "mine");

      assertThatThrownBy(() -> provider().getSubscription(id))
          .isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> provider().terminateSubscription(id, "mine"))
          .isExactlyInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void aWorkerWhoseHoldWasReplacedDoesNotEndTheSubscription() {
    String id = heldByAnotherSinceMineExpired();
    EventSubscription before = provider().getSubscription(id);

    assertThatThrownBy(() -> provider().terminateSubscription(id, "mine"))
        .isInstanceOf(TokenMismatchException.class);
    assertThat(provider().getSubscription(id)).isEqualTo(before);
  }

  @Test
  void anUnheldSubscriptionIsNotTerminatedWithAToken() {
    String id = held();
    provider().clearSubscriptionToken(id, "mine");

    assertThatThrownBy(() -> provider().terminateSubscription(id, "mine"))
        .isInstanceOf(TokenMismatchException.class);
    provider().terminateSubscription(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\0", "\ud83d"})
  void aTokenThatNobodyCouldHoldIsAnothers(String token) {
    String id = held();

    assertThat(provider().renewSubscriptionToken(id, token, LONG)).isFalse();
    assertThatThrownBy(() -> provider().terminateSubscription(id, token))
        .isInstanceOf(TokenMismatchException.class);
    assertThat(provider().getSubscription(id).externalToken()).isEqualTo("mine");
  }
}
