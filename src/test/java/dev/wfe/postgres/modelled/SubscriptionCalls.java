package dev.wfe.postgres.modelled;

import dev.wfe.model.EventSubscription;
import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Calls of {@code SubscriptionRepository}. */
public final class SubscriptionCalls {
  private SubscriptionCalls() {}

  static Arbitrary<Call> any() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Values.subscriptions().map(SubscriptionCalls::create)),
        Tuple.of(1, Id.any("s").map(SubscriptionCalls::terminate)),
        Tuple.of(1, Id.any("s").map(SubscriptionCalls::read)),
        Tuple.of(6, holding()),
        Tuple.of(3, asking()));
  }

  public static Call create(EventSubscription subscription) {
    return Call.of(
        "createEventSubscription",
        context ->
            context.noteId(
                subscription.id(), context.store().createEventSubscription(subscription)),
        subscription);
  }

  public static Call terminate(Id id) {
    return Call.ofChange(
        "terminateSubscription",
        context -> context.store().terminateSubscription(id.in(context)),
        id);
  }

  static Call read(Id id) {
    return Call.of(
        "getSubscription", context -> context.store().getSubscription(id.in(context)), id);
  }

  private static Arbitrary<Call> holding() {
    Arbitrary<Duration> durations =
        Arbitraries.frequencyOf(
            Tuple.of(
                6,
                Arbitraries.of(
                    Duration.ofDays(1),
                    Duration.ofDays(1).plusNanos(1_999),
                    NormalForm.LONGEST_HOLD.dividedBy(2))),
            Tuple.of(
                1, Arbitraries.of(Duration.ZERO, Duration.ofDays(-1), Duration.ofDays(1_000_000))));
    Arbitrary<Call> until =
        Combinators.combine(Id.any("s"), Texts.keys("token"), Texts.keys("host"), Values.expiries())
            .as(SubscriptionCalls::hold);
    Arbitrary<Call> during =
        Combinators.combine(Id.any("s"), Texts.keys("token"), Texts.keys("host"), durations)
            .as(
                (id, token, worker, duration) ->
                    Call.of(
                        "setSubscriptionToken",
                        context ->
                            context
                                .store()
                                .setSubscriptionToken(id.in(context), token, worker, duration),
                        id,
                        token,
                        worker,
                        duration));
    Arbitrary<Call> letting =
        Combinators.combine(Id.any("s"), Texts.keys("token")).as(SubscriptionCalls::letGo);
    return Arbitraries.oneOf(until, during, letting);
  }

  public static Call hold(Id id, String token, String worker, Instant expiry) {
    return Call.of(
        "setSubscriptionToken",
        context -> context.store().setSubscriptionToken(id.in(context), token, worker, expiry),
        id,
        token,
        worker,
        expiry);
  }

  public static Call letGo(Id id, String token) {
    return Call.ofChange(
        "clearSubscriptionToken",
        context -> context.store().clearSubscriptionToken(id.in(context), token),
        id,
        token);
  }

  private static Arbitrary<Call> asking() {
    Arbitrary<Call> open =
        Combinators.combine(Values.names(), Values.keys(), Values.bounds())
            .as(
                (name, key, asOf) ->
                    Call.of(
                        "getSubscriptions",
                        context -> context.store().getSubscriptions(name, key, asOf),
                        name,
                        key,
                        asOf));
    Arbitrary<Call> firstOpen =
        Combinators.combine(Values.names(), Values.keys(), Values.bounds(), Values.limits())
            .as(
                (name, key, asOf, limit) ->
                    Call.of(
                        "getSubscriptions",
                        context -> context.store().getSubscriptions(name, key, asOf, limit),
                        name,
                        key,
                        asOf,
                        limit));
    Arbitrary<Call> first =
        Combinators.combine(Values.names(), Values.keys(), Values.bounds())
            .as(
                (name, key, asOf) ->
                    Call.of(
                        "getFirstOpenSubscription",
                        context -> context.store().getFirstOpenSubscription(name, key, asOf),
                        name,
                        key,
                        asOf));
    return Arbitraries.oneOf(open, firstOpen, first);
  }
}
