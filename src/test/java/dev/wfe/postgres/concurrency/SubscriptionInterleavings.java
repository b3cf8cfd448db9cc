package dev.wfe.postgres.concurrency;

import static dev.wfe.postgres.concurrency.Fixtures.CREATE_EVENT;
import static dev.wfe.postgres.concurrency.Fixtures.CREATE_PROCESSED_EVENT;
import static dev.wfe.postgres.concurrency.Fixtures.CREATE_W1;
import static dev.wfe.postgres.concurrency.Fixtures.CREATE_W2;
import static dev.wfe.postgres.concurrency.Fixtures.MARK_EVENT;
import static dev.wfe.postgres.concurrency.Fixtures.READ_W1;
import static dev.wfe.postgres.concurrency.Fixtures.READ_W2;
import static dev.wfe.postgres.concurrency.Fixtures.SUBSCRIBE_S1;
import static dev.wfe.postgres.concurrency.Fixtures.event;
import static dev.wfe.postgres.concurrency.Fixtures.id;
import static dev.wfe.postgres.concurrency.Fixtures.persist;
import static dev.wfe.postgres.concurrency.Fixtures.persistSubscribing;
import static dev.wfe.postgres.concurrency.Fixtures.subscription;
import static dev.wfe.postgres.concurrency.LockPoint.EVENT;
import static dev.wfe.postgres.concurrency.LockPoint.NEW_SUBSCRIPTION;
import static dev.wfe.postgres.concurrency.LockPoint.SUBSCRIPTION;
import static dev.wfe.postgres.concurrency.LockPoint.TOPIC;
import static dev.wfe.postgres.concurrency.LockPoint.WORKFLOW;

import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.modelled.Call;
import dev.wfe.postgres.modelled.EventCalls;
import dev.wfe.postgres.modelled.SubscriptionCalls;
import dev.wfe.postgres.modelled.Values;
import java.util.List;
import java.util.stream.Stream;

/** Concurrent operations on a topic, an event or a subscription. */
final class SubscriptionInterleavings {
  private static final Call SUBSCRIBE_S3 = SubscriptionCalls.create(subscription("s3"));
  private static final Call TERMINATE = SubscriptionCalls.terminate(id("s1"));
  private static final Call MARK_UNPROCESSED =
      Call.ofChange("markEventUnprocessed", context -> context.store().markEventUnprocessed("e1"));

  private SubscriptionInterleavings() {}

  static List<Interleaving> all() {
    return Stream.of(topics(), subscribers(), events(), tokens()).flatMap(List::stream).toList();
  }

  private static Interleaving withW1(Interleaving interleaving, Call... more) {
    Call[] before =
        Stream.concat(Stream.of(CREATE_W1, CREATE_W2), Stream.of(more)).toArray(Call[]::new);
    return interleaving.after(before).reading(READ_W1, READ_W1);
  }

  private static List<Interleaving> topics() {
    return List.of(
        withW1(
            Interleaving.of(
                    "persist that subscribes, mark processed",
                    persistSubscribing("one", "s3"),
                    MARK_EVENT,
                    TOPIC,
                    WORKFLOW,
                    NEW_SUBSCRIPTION)
                .otherWaitsFor(TOPIC, EVENT),
            CREATE_EVENT),
        withW1(
            Interleaving.of(
                    "persist that subscribes, mark processed what is",
                    persistSubscribing("one", "s3"),
                    MARK_EVENT,
                    TOPIC,
                    WORKFLOW,
                    EVENT)
                .otherWaitsFor(TOPIC),
            CREATE_PROCESSED_EVENT),
        Interleaving.of(
                "subscribe, mark processed", SUBSCRIBE_S3, MARK_EVENT, TOPIC, NEW_SUBSCRIPTION)
            .otherWaitsFor(TOPIC, EVENT)
            .after(CREATE_EVENT),
        Interleaving.of("subscribe, mark processed what is", SUBSCRIBE_S3, MARK_EVENT, TOPIC, EVENT)
            .otherWaitsFor(TOPIC)
            .after(CREATE_PROCESSED_EVENT),
        Interleaving.of("subscribe, mark unprocessed", SUBSCRIBE_S3, MARK_UNPROCESSED, TOPIC, EVENT)
            .otherWaitsFor(EVENT)
            .after(CREATE_PROCESSED_EVENT),
        Interleaving.of("terminate, mark processed", TERMINATE, MARK_EVENT, SUBSCRIPTION)
            .otherWaitsFor(TOPIC)
            .after(CREATE_EVENT, SUBSCRIBE_S1));
  }

  private static List<Interleaving> subscribers() {
    return List.of(
        withW1(
            Interleaving.of(
                "persist that subscribes, persist that subscribes",
                persistSubscribing("one", "s2"),
                persistSubscribing("other", "s3"),
                TOPIC,
                WORKFLOW,
                EVENT),
            CREATE_PROCESSED_EVENT),
        withW1(
                Interleaving.of(
                    "persist and persist with the same subscriptions, in different orders",
                    persistSubscribing("one", "s4", "s3", "s5"),
                    persistSubscribing("other", "s5", "s4", "s3"),
                    TOPIC,
                    EVENT,
                    NEW_SUBSCRIPTION),
                CREATE_PROCESSED_EVENT)
            .reading(READ_W1, READ_W2),
        withW1(
                Interleaving.of(
                    "persist and persist with the same many subscriptions, in different orders",
                    persistSubscribing("one", "s7", "s6", "s4", "s3", "s5"),
                    persistSubscribing("other", "s5", "s4", "s3", "s6", "s7"),
                    NEW_SUBSCRIPTION))
            .reading(READ_W1, READ_W2),
        withW1(
            Interleaving.of(
                    "persist that subscribes, persist",
                    persistSubscribing("one", "s3"),
                    persist("other"),
                    WORKFLOW,
                    EVENT)
                .otherWaitsFor(WORKFLOW),
            CREATE_PROCESSED_EVENT),
        withW1(
            Interleaving.of(
                "persist that subscribes, subscribe with the same id",
                persistSubscribing("one", "s3"),
                SUBSCRIBE_S3,
                TOPIC,
                EVENT,
                NEW_SUBSCRIPTION),
            CREATE_PROCESSED_EVENT),
        Interleaving.of(
                "subscribe, subscribe with the same id", SUBSCRIBE_S3, SUBSCRIBE_S3, TOPIC, EVENT)
            .after(CREATE_PROCESSED_EVENT),
        Interleaving.of("subscribe, terminate", SUBSCRIBE_S1, TERMINATE)
            .otherWaitsFor(SUBSCRIPTION)
            .after(SUBSCRIBE_S1));
  }

  private static List<Interleaving> events() {
    Call createE3 = EventCalls.create(event("e3"));
    return List.of(
        Interleaving.of(
            "publish, publish with the same id", createE3, createE3, LockPoint.NEW_EVENT),
        Interleaving.of("mark processed, mark processed", MARK_EVENT, MARK_EVENT, TOPIC, EVENT)
            .after(CREATE_EVENT),
        Interleaving.of(
                "mark processed, mark unprocessed", MARK_EVENT, MARK_UNPROCESSED, TOPIC, EVENT)
            .otherWaitsFor(EVENT)
            .after(CREATE_EVENT),
        Interleaving.of("publish, mark processed", createE3, EventCalls.markProcessed(id("e3")))
            .after(CREATE_EVENT));
  }

  private static Call hold(String token) {
    return SubscriptionCalls.hold(id("s1"), token, "worker", ValueLimits.MAX_INSTANT);
  }

  private static Call letGo(String token) {
    return SubscriptionCalls.letGo(id("s1"), token);
  }

  /** Who waits for an end has looked before it: what is gone was lost to another, so it says. */
  private static List<Interleaving> tokens() {
    Call expired = SubscriptionCalls.hold(id("s1"), "expired", "worker", Values.NOON);
    return List.of(
        Interleaving.of("hold, hold", hold("one"), hold("other"), SUBSCRIPTION).after(SUBSCRIBE_S1),
        Interleaving.of("hold, hold after another", hold("one"), hold("other"), SUBSCRIPTION)
            .after(SUBSCRIBE_S1, expired),
        Interleaving.of("hold, let go", hold("one"), letGo("other"))
            .otherWaitsFor(SUBSCRIPTION)
            .after(SUBSCRIBE_S1, hold("other")),
        Interleaving.of(
                "hold, let go of what has expired", hold("one"), letGo("expired"), SUBSCRIPTION)
            .after(SUBSCRIBE_S1, expired),
        Interleaving.of("let go, let go", letGo("held"), letGo("held"), SUBSCRIPTION)
            .after(SUBSCRIBE_S1, hold("held")),
        Interleaving.of("hold, terminate", hold("one"), TERMINATE, SUBSCRIPTION)
            .after(SUBSCRIBE_S1),
        Interleaving.of("let go, terminate", letGo("held"), TERMINATE, SUBSCRIPTION)
            .after(SUBSCRIBE_S1, hold("held")),
        Interleaving.of("terminate, terminate", TERMINATE, TERMINATE, SUBSCRIPTION)
            .after(SUBSCRIBE_S1));
  }
}
