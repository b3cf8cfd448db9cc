package dev.wfe.histories.workload;

import dev.wfe.histories.OperationNames;
import dev.wfe.model.EventSubscription;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Sets and clears tokens of subscriptions. Not thread-safe. */
final class TokenActions implements Actions {
  private static final int KEYS = 3;
  private static final long KEY_MILLIS = 1_000;

  private static final int SHORT_HOLD_MILLIS = 25;

  /** Longer than the calls, also of a busy machine: then it is known when the hold ends. */
  private static final int LONG_HOLD_MILLIS = 200;

  /** How long before the end of a hold somebody tries, and how long after it. */
  private static final int BEFORE_MILLIS = 6;

  private static final int AFTER_MILLIS = 6;

  /** Those that do not end by themselves while anybody works. */
  private static final Instant LATE = Instant.parse("2200-01-01T00:00:00Z");

  /** No event of the name is published. */
  private static final String NO_EVENT = "held";

  private final Caller caller;
  private String lastCreated = "";
  private @Nullable String lastToken;

  TokenActions(Caller caller) {
    this.caller = caller;
  }

  @Override
  public void step() {
    String id = caller.hotKey("token", KEYS, KEY_MILLIS);
    if (!id.equals(lastCreated) && caller.inPercent(30)) {
      create(id);
      lastCreated = id;
    }
    int choice = caller.random().nextInt(20);
    if (choice < 3) {
      set(id);
    } else if (choice < 8) {
      setForATime(id);
    } else if (choice < 12) {
      read(id);
    } else if (choice < 18) {
      String token = lastToken;
      clear(id, token == null ? caller.recorder().unique() : token);
    } else if (choice < 19) {
      terminate(id);
    } else {
      create(id);
    }
  }

  private void create(String id) {
    EventSubscription subscription =
        EventSubscription.builder("none", "none", NO_EVENT, id)
            .id(id)
            .subscribeAsOf(Instant.EPOCH)
            .build();
    caller
        .recorder()
        .call(
            OperationNames.SUBSCRIBE,
            id,
            Map.of(
                "subscription",
                id,
                "eventName",
                NO_EVENT,
                "eventKey",
                id,
                "asOf",
                Instant.EPOCH.toString()),
            () -> caller.provider().createEventSubscription(subscription),
            given -> given);
  }

  private void set(String id) {
    String token = caller.recorder().unique();
    caller
        .recorder()
        .call(
            OperationNames.SET_TOKEN,
            id,
            Map.of("token", token),
            () -> caller.provider().setSubscriptionToken(id, token, token, LATE),
            taken -> taken)
        .filter(taken -> taken)
        .ifPresent(taken -> lastToken = token);
  }

  private void setForATime(String id) {
    String token = caller.recorder().unique();
    int longest = caller.inPercent(70) ? SHORT_HOLD_MILLIS : LONG_HOLD_MILLIS;
    Duration hold = Duration.ofMillis(1 + caller.random().nextInt(longest));
    boolean isTaken =
        caller
            .recorder()
            .call(
                OperationNames.SET_TOKEN_FOR,
                id,
                Map.of("token", token, "nanos", Long.toString(hold.toNanos())),
                () -> caller.provider().setSubscriptionToken(id, token, token, hold),
                taken -> taken)
            .orElse(false);
    if (isTaken && caller.inPercent(50)) {
      tryAroundTheEnd(id, hold);
    } else if (isTaken) {
      lastToken = token;
    }
  }

  private void tryAroundTheEnd(String id, Duration hold) {
    int off = caller.random().nextInt(BEFORE_MILLIS + AFTER_MILLIS) - BEFORE_MILLIS;
    LockSupport.parkNanos(hold.plusMillis(off).toNanos());
    set(id);
  }

  /** What another holds can be let go of by who has read its token. */
  private void read(String id) {
    caller
        .recorder()
        .call(
            OperationNames.READ_SUBSCRIPTION,
            id,
            Map.of(),
            () -> caller.provider().getSubscription(id),
            EventSubscription::externalToken)
        .ifPresent(subscription -> lastToken = subscription.externalToken());
  }

  private void clear(String id, String token) {
    caller
        .recorder()
        .call(
            OperationNames.CLEAR_TOKEN,
            id,
            Map.of("token", token),
            () -> caller.provider().clearSubscriptionToken(id, token));
  }

  private void terminate(String id) {
    caller
        .recorder()
        .call(
            OperationNames.TERMINATE,
            id,
            Map.of(),
            () -> caller.provider().terminateSubscription(id));
  }
}
