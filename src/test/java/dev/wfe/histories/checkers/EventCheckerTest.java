package dev.wfe.histories.checkers;

import static dev.wfe.histories.OperationNames.DELIVER;
import static dev.wfe.histories.OperationNames.MARK_PROCESSED;
import static dev.wfe.histories.OperationNames.PERSIST_SUBSCRIBING;
import static dev.wfe.histories.OperationNames.PUBLISH;
import static dev.wfe.histories.OperationNames.READ;
import static dev.wfe.histories.OperationNames.READ_EVENT;
import static dev.wfe.histories.OperationNames.SUBSCRIBE;
import static dev.wfe.histories.OperationNames.TERMINATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class EventCheckerTest {
  private static final String NOON = "2026-01-01T12:00:00Z";
  private static final String BEFORE_NOON = "2026-01-01T11:59:59.999999Z";
  private static final String AFTER_NOON = "2026-01-01T12:00:00.000001Z";

  private static final String[] EVENT = {"eventName", "n", "eventKey", "k", "eventTime", NOON};

  private static String[] subscription(String id, String asOf) {
    return new String[] {
      "subscription", id, "eventName", "n", "eventKey", "k", "asOf", asOf, "write", "of " + id
    };
  }

  static Stream<Arguments> right() {
    return Stream.of(
        Arguments.of(
            "delivered, then marked",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 3, null, subscription("s", NOON))
                .ok(MARK_PROCESSED, "e", 4, 5, false)
                .ok(DELIVER, "e", 6, 7, null, "subscription", "s")
                .ok(TERMINATE, "s", 8, 9, null)
                .ok(MARK_PROCESSED, "e", 10, 11, true)),
        Arguments.of(
            "marked while the subscription was being created, brought back and delivered",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 9, null, subscription("s", BEFORE_NOON))
                .ok(MARK_PROCESSED, "e", 3, 8, true)
                .ok(DELIVER, "e", 10, 11, null, "subscription", "s")),
        Arguments.of(
            "not covered",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 3, null, subscription("s", AFTER_NOON))
                .ok(MARK_PROCESSED, "e", 4, 5, true)),
        Arguments.of(
            "ended by another event's delivery",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 3, null, subscription("s", NOON))
                .unknown(TERMINATE, "s", 4)
                .ok(MARK_PROCESSED, "e", 5, 6, true)),
        Arguments.of(
            "an event, a subscription and a mark of which nobody knows",
            new HistoryBuilder()
                .unknown(PUBLISH, "e", 0, EVENT)
                .ok(PUBLISH, "f", 0, 1, null, EVENT)
                .unknown(SUBSCRIBE, "s", 2, subscription("s", NOON))
                .unknown(MARK_PROCESSED, "f", 4)
                .ok(MARK_PROCESSED, "f", 5, 6, false)
                .refused(READ_EVENT, "e", 7, 8, NotFoundException.class)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("right")
  void possibleHistoriesAreAccepted(String what, HistoryBuilder builder) {
    assertThat(new EventChecker().check(builder.build())).isEmpty();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(
            "marked while the subscription was being created, and lost",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 9, null, subscription("s", NOON))
                .ok(MARK_PROCESSED, "e", 3, 8, true),
            "lost: it never reached a subscription that covers it: 1 createEvent"),
        Arguments.of(
            "lost by a subscription of a workflow that was read, its persist unknown",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .unknown(PERSIST_SUBSCRIBING, "w", 2, subscription("s", NOON))
                .ok(READ, "w", 3, 8, Map.of("write", "of s")),
            "lost: it never reached a subscription that covers it: 1 createEvent"),
        Arguments.of(
            "marked over an open subscription",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 3, null, subscription("s", NOON))
                .ok(MARK_PROCESSED, "e", 4, 5, true)
                .ok(TERMINATE, "s", 6, 7, null),
            "marked processed over an open subscription: 1 createEvent"),
        Arguments.of(
            "not brought back by the subscription",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(MARK_PROCESSED, "e", 2, 3, true)
                .ok(SUBSCRIBE, "s", 4, 5, null, subscription("s", NOON))
                .ok(READ_EVENT, "e", 6, 7, true)
                .ok(TERMINATE, "s", 8, 9, null),
            "read as processed under an open subscription: 1 createEvent"),
        Arguments.of(
            "a mark refused for nobody",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 3, null, subscription("s", AFTER_NOON))
                .ok(MARK_PROCESSED, "e", 4, 5, false),
            "not marked processed, though no open subscription covers it: 1 createEvent"),
        Arguments.of(
            "a mark refused for one that was terminated",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 3, null, subscription("s", NOON))
                .ok(TERMINATE, "s", 4, 5, null)
                .ok(MARK_PROCESSED, "e", 6, 7, false),
            "not marked processed, though no open subscription covers it: 1 createEvent"),
        Arguments.of(
            "delivered to what does not cover it",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .ok(SUBSCRIBE, "s", 2, 3, null, subscription("s", AFTER_NOON))
                .ok(DELIVER, "e", 4, 5, null, "subscription", "s"),
            "delivered to a subscription that does not cover it: 1 createEvent"),
        Arguments.of(
            "delivered to a subscription whose persist was refused",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .refused(
                    PERSIST_SUBSCRIBING,
                    "w",
                    2,
                    3,
                    StaleRevisionException.class,
                    subscription("s", NOON))
                .ok(DELIVER, "e", 4, 5, null, "subscription", "s"),
            "delivered, but the subscription was not created: 3 deliver"),
        Arguments.of(
            "gone",
            new HistoryBuilder()
                .ok(PUBLISH, "e", 0, 1, null, EVENT)
                .refused(READ_EVENT, "e", 2, 3, NotFoundException.class),
            "gone: 1 createEvent"),
        Arguments.of(
            "there, though nobody published it",
            new HistoryBuilder().ok(READ_EVENT, "e", 2, 3, false),
            "read, but it was not created: 1 getEvent"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void impossibleHistoriesAreExplained(String what, HistoryBuilder builder, String message) {
    List<Violation> violations = new EventChecker().check(builder.build());

    assertThat(violations).hasSize(1);
    assertThat(violations.get(0).key()).isEqualTo("e");
    assertThat(violations.get(0).message()).contains(message);
  }
}
