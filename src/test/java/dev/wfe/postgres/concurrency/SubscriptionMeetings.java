package dev.wfe.postgres.concurrency;

import static dev.wfe.postgres.concurrency.Gate.EVENT;
import static dev.wfe.postgres.concurrency.Gate.NEW_SUBSCRIPTION;
import static dev.wfe.postgres.concurrency.Gate.SUBSCRIPTION;
import static dev.wfe.postgres.concurrency.Gate.TOPIC;
import static dev.wfe.postgres.concurrency.Gate.WORKFLOW;
import static dev.wfe.postgres.concurrency.Things.CREATE_EVENT;
import static dev.wfe.postgres.concurrency.Things.CREATE_PROCESSED_EVENT;
import static dev.wfe.postgres.concurrency.Things.CREATE_W1;
import static dev.wfe.postgres.concurrency.Things.CREATE_W2;
import static dev.wfe.postgres.concurrency.Things.MARK_EVENT;
import static dev.wfe.postgres.concurrency.Things.READ_W1;
import static dev.wfe.postgres.concurrency.Things.READ_W2;
import static dev.wfe.postgres.concurrency.Things.SUBSCRIBE_S1;
import static dev.wfe.postgres.concurrency.Things.event;
import static dev.wfe.postgres.concurrency.Things.id;
import static dev.wfe.postgres.concurrency.Things.persist;
import static dev.wfe.postgres.concurrency.Things.persistSubscribing;
import static dev.wfe.postgres.concurrency.Things.subscription;

import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.modelled.Call;
import dev.wfe.postgres.modelled.EventCalls;
import dev.wfe.postgres.modelled.SubscriptionCalls;
import dev.wfe.postgres.modelled.Values;
import java.util.List;
import java.util.stream.Stream;

/** Verbs that meet at a topic, an event or a subscription. */
final class SubscriptionMeetings {
  private static final Call SUBSCRIBE_S3 = SubscriptionCalls.create(subscription("s3"));
  private static final Call TERMINATE = SubscriptionCalls.terminate(id("s1"));
  private static final Call MARK_UNPROCESSED =
      Call.ofChange("markEventUnprocessed", side -> side.store().markEventUnprocessed("e1"));

  private SubscriptionMeetings() {}

  static List<Meeting> all() {
    return Stream.of(topics(), subscribers(), events(), tokens()).flatMap(List::stream).toList();
  }

  private static Meeting withW1(Meeting meeting, Call... more) {
    Call[] before =
        Stream.concat(Stream.of(CREATE_W1, CREATE_W2), Stream.of(more)).toArray(Call[]::new);
    return meeting.after(before).reading(READ_W1, READ_W1);
  }

  private static List<Meeting> topics() {
    return List.of(
        withW1(
            Meeting.of(
                    "persist that subscribes, mark processed",
                    persistSubscribing("one", "s3"),
                    MARK_EVENT,
                    TOPIC,
                    WORKFLOW,
                    NEW_SUBSCRIPTION)
                .otherStopsAt(TOPIC, EVENT),
            CREATE_EVENT),
        withW1(
            Meeting.of(
                    "persist that subscribes, mark processed what is",
                    persistSubscribing("one", "s3"),
                    MARK_EVENT,
                    TOPIC,
                    WORKFLOW,
                    EVENT)
                .otherStopsAt(TOPIC),
            CREATE_PROCESSED_EVENT),
        Meeting.of("subscribe, mark processed", SUBSCRIBE_S3, MARK_EVENT, TOPIC, NEW_SUBSCRIPTION)
            .otherStopsAt(TOPIC, EVENT)
            .after(CREATE_EVENT),
        Meeting.of("subscribe, mark processed what is", SUBSCRIBE_S3, MARK_EVENT, TOPIC, EVENT)
            .otherStopsAt(TOPIC)
            .after(CREATE_PROCESSED_EVENT),
        Meeting.of("subscribe, mark unprocessed", SUBSCRIBE_S3, MARK_UNPROCESSED, TOPIC, EVENT)
            .otherStopsAt(EVENT)
            .after(CREATE_PROCESSED_EVENT),
        Meeting.of("terminate, mark processed", TERMINATE, MARK_EVENT, SUBSCRIPTION)
            .otherStopsAt(TOPIC)
            .after(CREATE_EVENT, SUBSCRIBE_S1));
  }

  private static List<Meeting> subscribers() {
    return List.of(
        withW1(
            Meeting.of(
                "persist that subscribes, persist that subscribes",
                persistSubscribing("one", "s2"),
                persistSubscribing("other", "s3"),
                TOPIC,
                WORKFLOW,
                EVENT),
            CREATE_PROCESSED_EVENT),
        withW1(
                Meeting.of(
                    "persist and persist with the same subscriptions, in different orders",
                    persistSubscribing("one", "s4", "s3", "s5"),
                    persistSubscribing("other", "s5", "s4", "s3"),
                    TOPIC,
                    EVENT,
                    NEW_SUBSCRIPTION),
                CREATE_PROCESSED_EVENT)
            .reading(READ_W1, READ_W2),
        withW1(
                Meeting.of(
                    "persist and persist with the same many subscriptions, in different orders",
                    persistSubscribing("one", "s7", "s6", "s4", "s3", "s5"),
                    persistSubscribing("other", "s5", "s4", "s3", "s6", "s7"),
                    NEW_SUBSCRIPTION))
            .reading(READ_W1, READ_W2),
        withW1(
            Meeting.of(
                    "persist that subscribes, persist",
                    persistSubscribing("one", "s3"),
                    persist("other"),
                    WORKFLOW,
                    EVENT)
                .otherStopsAt(WORKFLOW),
            CREATE_PROCESSED_EVENT),
        withW1(
            Meeting.of(
                "persist that subscribes, subscribe with the same id",
                persistSubscribing("one", "s3"),
                SUBSCRIBE_S3,
                TOPIC,
                EVENT,
                NEW_SUBSCRIPTION),
            CREATE_PROCESSED_EVENT),
        Meeting.of(
                "subscribe, subscribe with the same id", SUBSCRIBE_S3, SUBSCRIBE_S3, TOPIC, EVENT)
            .after(CREATE_PROCESSED_EVENT),
        Meeting.of("subscribe, terminate", SUBSCRIBE_S1, TERMINATE)
            .otherStopsAt(SUBSCRIPTION)
            .after(SUBSCRIBE_S1));
  }

  private static List<Meeting> events() {
    Call createE3 = EventCalls.create(event("e3"));
    return List.of(
        Meeting.of("publish, publish with the same id", createE3, createE3, Gate.NEW_EVENT),
        Meeting.of("mark processed, mark processed", MARK_EVENT, MARK_EVENT, TOPIC, EVENT)
            .after(CREATE_EVENT),
        Meeting.of("mark processed, mark unprocessed", MARK_EVENT, MARK_UNPROCESSED, TOPIC, EVENT)
            .otherStopsAt(EVENT)
            .after(CREATE_EVENT),
        Meeting.of("publish, mark processed", createE3, EventCalls.markProcessed(id("e3")))
            .after(CREATE_EVENT));
  }

  private static Call hold(String token) {
    return SubscriptionCalls.hold(id("s1"), token, "worker", ValueLimits.MAX_INSTANT);
  }

  private static Call letGo(String token) {
    return SubscriptionCalls.letGo(id("s1"), token);
  }

  /** Who waits for an end has looked before it: what is gone was lost to another, so it says. */
  private static List<Meeting> tokens() {
    Call expired = SubscriptionCalls.hold(id("s1"), "expired", "worker", Values.NOON);
    return List.of(
        Meeting.of("hold, hold", hold("one"), hold("other"), SUBSCRIPTION).after(SUBSCRIBE_S1),
        Meeting.of("hold, hold after another", hold("one"), hold("other"), SUBSCRIPTION)
            .after(SUBSCRIBE_S1, expired),
        Meeting.of("hold, let go", hold("one"), letGo("other"))
            .otherStopsAt(SUBSCRIPTION)
            .after(SUBSCRIBE_S1, hold("other")),
        Meeting.of("hold, let go of what has expired", hold("one"), letGo("expired"), SUBSCRIPTION)
            .after(SUBSCRIBE_S1, expired),
        Meeting.of("let go, let go", letGo("held"), letGo("held"), SUBSCRIPTION)
            .after(SUBSCRIBE_S1, hold("held")),
        Meeting.of("hold, terminate", hold("one"), TERMINATE, SUBSCRIPTION).after(SUBSCRIBE_S1),
        Meeting.of("let go, terminate", letGo("held"), TERMINATE, SUBSCRIPTION)
            .after(SUBSCRIBE_S1, hold("held")),
        Meeting.of("terminate, terminate", TERMINATE, TERMINATE, SUBSCRIPTION).after(SUBSCRIBE_S1));
  }
}
