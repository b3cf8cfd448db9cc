package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.persistence.ValueLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holding a subscription under a token. */
public abstract class SubscriptionTokenContract extends Contract {
  private static final Duration LONG = Duration.ofDays(1);
  private static final Instant PAST = Instant.parse("2001-01-01T00:00:00Z");
  private static final Instant FUTURE = Instant.parse("2999-01-01T00:00:00Z");

  private final String topic = Samples.unique("topic");

  private EventSubscription open() {
    EventSubscription subscription = Samples.subscription(topic, Samples.NOON);
    provider().createEventSubscription(subscription);
    return subscription;
  }

  private boolean isOpen(EventSubscription subscription) {
    return provider().getSubscriptions(topic, "key", Samples.NOON).stream()
        .anyMatch(found -> found.id().equals(subscription.id()));
  }

  @Test
  void theHolderOfATokenIsStored() {
    String id = open().id();

    assertThat(provider().setSubscriptionToken(id, "token", "worker", FUTURE)).isTrue();

    EventSubscription held = anotherHost().getSubscription(id);
    assertThat(held.externalToken()).isEqualTo("token");
    assertThat(held.externalWorkerId()).isEqualTo("worker");
    assertThat(held.externalTokenExpiry()).isEqualTo(FUTURE);
    assertThat(isOpen(held)).isFalse();
  }

  @Test
  void aDurationCountsFromTheDatabasesNow() {
    String id = open().id();

    assertThat(provider().setSubscriptionToken(id, "token", "worker", LONG)).isTrue();

    EventSubscription held = provider().getSubscription(id);
    assertThat(held.externalTokenExpiry()).isNotNull();
    assertThat(isOpen(held)).isFalse();
  }

  @Test
  void aHeldTokenIsRefusedToEverybodyItsHolderIncluded() {
    EventSubscription subscription = open();
    provider().setSubscriptionToken(subscription.id(), "token", "worker", FUTURE);
    EventSubscription held = provider().getSubscription(subscription.id());

    assertThat(provider().setSubscriptionToken(held.id(), "other", "other", FUTURE)).isFalse();
    assertThat(anotherHost().setSubscriptionToken(held.id(), "other", "other", LONG)).isFalse();
    assertThat(provider().setSubscriptionToken(held.id(), "token", "worker", FUTURE)).isFalse();
    assertThat(provider().setSubscriptionToken(held.id(), "token", "worker", LONG)).isFalse();

    assertThat(provider().getSubscription(held.id())).isEqualTo(held);
  }

  @Test
  void ofSixteenContendersExactlyOneTakesHold() throws Exception {
    for (int round = 0; round < 10; round++) {
      assertOneTakesHold(open().id());
    }
  }

  @Test
  void ofSixteenContendersForAnExpiredHoldExactlyOneTakesIt() throws Exception {
    for (int round = 0; round < 10; round++) {
      String id = open().id();
      provider().setSubscriptionToken(id, "dead", "worker", PAST);
      assertOneTakesHold(id);
    }
  }

  private void assertOneTakesHold(String id) throws Exception {
    List<Boolean> taken =
        Together.run(
            16,
            number ->
                () ->
                    number % 4 < 2
                        ? host(number).setSubscriptionToken(id, "token " + number, "w", LONG)
                        : host(number).setSubscriptionToken(id, "token " + number, "w", FUTURE));

    assertThat(taken).containsOnlyOnce(true);
    assertThat(provider().getSubscription(id).externalToken())
        .isEqualTo("token " + taken.indexOf(true));
  }

  @Test
  void anExpiredHoldCountsAsNone() {
    EventSubscription subscription = open();
    assertThat(provider().setSubscriptionToken(subscription.id(), "dead", "worker", PAST)).isTrue();
    assertThat(isOpen(subscription)).isTrue();
    assertThat(provider().getFirstOpenSubscription(topic, "key", Samples.NOON)).isPresent();

    assertThat(provider().setSubscriptionToken(subscription.id(), "next", "other", FUTURE))
        .isTrue();

    EventSubscription held = provider().getSubscription(subscription.id());
    assertThat(held.externalToken()).isEqualTo("next");
    assertThat(held.externalWorkerId()).isEqualTo("other");
    assertThat(isOpen(held)).isFalse();
  }

  @Test
  void theHolderOfAnExpiredHoldMayTakeItAgain() {
    String id = open().id();
    provider().setSubscriptionToken(id, "token", "worker", PAST);

    assertThat(provider().setSubscriptionToken(id, "token", "worker", LONG)).isTrue();
  }

  @Test
  void aHoldEndsWhenItsTimeHasPassed() {
    String id = open().id();
    Duration shortest = Duration.ofNanos(1_000);

    assertThat(provider().setSubscriptionToken(id, "first", "worker", shortest)).isTrue();

    Together.until(() -> provider().setSubscriptionToken(id, "second", "worker", LONG));
  }

  @Test
  void aHoldWithoutAnEndNeverEnds() {
    EventSubscription subscription =
        Samples.subscription(topic, Samples.NOON).toBuilder().externalToken("for ever").build();
    provider().createEventSubscription(subscription);

    assertThat(provider().setSubscriptionToken(subscription.id(), "t", "w", FUTURE)).isFalse();
    assertThat(isOpen(subscription)).isFalse();
    provider().clearSubscriptionToken(subscription.id(), "for ever");
    assertThat(isOpen(subscription)).isTrue();
  }

  @Test
  void aSubscriptionMayBeCreatedHeldOrExpired() {
    EventSubscription held =
        Samples.subscription(topic, Samples.NOON).toBuilder()
            .externalToken("token")
            .externalTokenExpiry(FUTURE)
            .build();
    EventSubscription expired =
        held.toBuilder().id(Samples.unique("subscription")).externalTokenExpiry(PAST).build();
    provider().createEventSubscription(held);
    provider().createEventSubscription(expired);

    assertThat(provider().getSubscriptions(topic, "key", Samples.NOON)).containsExactly(expired);
  }

  @Test
  void farExpiriesAreKept() {
    String id = open().id();

    assertThat(provider().setSubscriptionToken(id, "t", "w", ValueLimits.MIN_INSTANT)).isTrue();
    assertThat(provider().getSubscription(id).externalTokenExpiry())
        .isEqualTo(ValueLimits.MIN_INSTANT);
    assertThat(provider().setSubscriptionToken(id, "t", "w", ValueLimits.MAX_INSTANT)).isTrue();
    assertThat(provider().getSubscription(id).externalTokenExpiry())
        .isEqualTo(ValueLimits.MAX_INSTANT);
    assertThat(provider().setSubscriptionToken(id, "t", "w", LONG)).isFalse();
    String other = open().id();
    assertThat(provider().setSubscriptionToken(other, "t", "w", Duration.ofDays(100_000))).isTrue();
    assertThat(provider().setSubscriptionToken(other, "t", "w", LONG)).isFalse();
  }

  @Test
  void theHolderLetsGo() {
    EventSubscription subscription = open();
    provider().setSubscriptionToken(subscription.id(), "token", "worker", LONG);

    anotherHost().clearSubscriptionToken(subscription.id(), "token");

    assertThat(provider().getSubscription(subscription.id())).isEqualTo(subscription);
    assertThat(isOpen(subscription)).isTrue();
    assertThat(provider().setSubscriptionToken(subscription.id(), "next", "w", LONG)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"wrong", "", "TOKEN", "token ", "a\0", "\ud800"})
  void aWrongTokenLetsNothingGo(String wrong) {
    String id = open().id();
    provider().setSubscriptionToken(id, "token", "worker", FUTURE);

    assertMismatch(id, wrong);

    assertThat(provider().getSubscription(id).externalToken()).isEqualTo("token");
  }

  private void assertMismatch(String id, String token) {
    assertThatThrownBy(() -> provider().clearSubscriptionToken(id, token))
        .isInstanceOf(NotFoundException.class)
        .isInstanceOfSatisfying(
            TokenMismatchException.class,
            mismatch -> {
              assertThat(mismatch.ids()).containsExactly(id);
              assertThat(mismatch.getMessage()).doesNotContain("token-").doesNotContain("wrong");
            });
  }

  @Test
  void aTokenThatIsNotHeldCannotBeCleared() {
    String id = open().id();

    assertMismatch(id, "token-1");
    provider().setSubscriptionToken(id, "token-1", "worker", LONG);
    provider().clearSubscriptionToken(id, "token-1");
    assertMismatch(id, "token-1");
  }

  @Test
  void onlyItsHolderReleasesAnExpiredToken() {
    String id = open().id();
    provider().setSubscriptionToken(id, "token-1", "worker", PAST);

    assertMismatch(id, "wrong");
    assertThatCode(() -> provider().clearSubscriptionToken(id, "token-1"))
        .doesNotThrowAnyException();
    assertThat(provider().getSubscription(id).externalToken()).isNull();
  }

  @Test
  void theLoserOfAnExpiredTokenCannotClearTheNewOne() {
    String id = open().id();
    provider().setSubscriptionToken(id, "token-1", "worker", PAST);
    provider().setSubscriptionToken(id, "token-2", "other", LONG);

    assertMismatch(id, "token-1");

    assertThat(provider().getSubscription(id).externalToken()).isEqualTo("token-2");
  }

  /** A counter without any lock of its own: only the token keeps the threads apart. */
  @Test
  void aTokenExcludesAllOthersWhileItIsHeld() throws Exception {
    String id = open().id();
    int[] counter = {0};
    int threads = 4;
    int additions = 15;

    Together.run(
        threads,
        number ->
            () -> {
              for (int i = 0; i < additions; i++) {
                String token = number + "/" + i;
                Together.until(() -> host(number).setSubscriptionToken(id, token, "w", LONG));
                counter[0]++;
                host(number).clearSubscriptionToken(id, token);
              }
              return number;
            });

    assertThat(counter[0]).isEqualTo(threads * additions);
  }
}
