package dev.wfe.histories.checkers;

import static dev.wfe.histories.OperationNames.MARK_PROCESSED;
import static dev.wfe.histories.OperationNames.MARK_UNPROCESSED;
import static dev.wfe.histories.OperationNames.PERSIST_SUBSCRIBING;
import static dev.wfe.histories.OperationNames.PUBLISH;
import static dev.wfe.histories.OperationNames.READ_EVENT;
import static dev.wfe.histories.OperationNames.SUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.NotFoundException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ProcessedCheckerTest {
  private static final String NOON = "2026-01-01T12:00:00Z";
  private static final String AFTER_NOON = "2026-01-01T12:00:00.000001Z";

  private static String[] subscription(String asOf) {
    return new String[] {
      "subscription", "s", "eventName", "n", "eventKey", "k", "asOf", asOf, "write", "of s"
    };
  }

  private static HistoryBuilder builder() {
    return new HistoryBuilder()
        .ok(PUBLISH, "e", 0, 1, null, "eventName", "n", "eventKey", "k", "eventTime", NOON);
  }

  private static HistoryBuilder marked() {
    return builder().ok(MARK_PROCESSED, "e", 2, 3, true);
  }

  static Stream<Arguments> right() {
    return Stream.of(
        Arguments.of(
            "marked, unmarked, marked again",
            marked()
                .ok(READ_EVENT, "e", 4, 5, true)
                .ok(MARK_UNPROCESSED, "e", 6, 7, null)
                .ok(READ_EVENT, "e", 8, 9, false)
                .ok(MARK_PROCESSED, "e", 10, 11, true)
                .ok(READ_EVENT, "e", 12, 13, true)),
        Arguments.of(
            "marked again, though it was marked, and after the other had unmarked it",
            marked()
                .ok(MARK_PROCESSED, "e", 4, 9, true)
                .ok(MARK_UNPROCESSED, "e", 5, 8, null)
                .ok(READ_EVENT, "e", 10, 11, true)),
        Arguments.of(
            "brought back by a subscription",
            marked()
                .ok(SUBSCRIBE, "s", 4, 5, null, subscription(NOON))
                .ok(READ_EVENT, "e", 6, 7, false)),
        Arguments.of(
            "brought back, or not, by one of which nobody knows",
            marked()
                .unknown(PERSIST_SUBSCRIBING, "w", 4, subscription(NOON))
                .ok(READ_EVENT, "e", 6, 7, true)
                .ok(READ_EVENT, "e", 8, 9, false)),
        Arguments.of(
            "a mark that was refused changes nothing",
            builder().ok(MARK_PROCESSED, "e", 2, 3, false).ok(READ_EVENT, "e", 4, 5, false)),
        Arguments.of(
            "published while somebody subscribed and another looked",
            new HistoryBuilder()
                .ok(SUBSCRIBE, "s", 0, 30, null, subscription(NOON))
                .refused(READ_EVENT, "e", 1, 2, NotFoundException.class)
                .ok(PUBLISH, "e", 3, 4, null, "eventName", "n", "eventKey", "k", "eventTime", NOON)
                .ok(MARK_PROCESSED, "e", 5, 6, true)
                .ok(READ_EVENT, "e", 7, 8, false)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("right")
  void possibleHistoriesAreAccepted(String what, HistoryBuilder builder) {
    assertThat(new ProcessedChecker().check(builder.build())).isEmpty();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(
            "a mark that did nothing",
            marked().ok(READ_EVENT, "e", 4, 5, false),
            "processed by 2. Next would come, and cannot: 3 getEvent"),
        Arguments.of(
            "an unmark that did nothing",
            marked().ok(MARK_UNPROCESSED, "e", 4, 5, null).ok(READ_EVENT, "e", 6, 7, true),
            "unprocessed by 3. Next would come, and cannot: 4 getEvent"),
        Arguments.of(
            "unmarked by itself",
            marked().ok(READ_EVENT, "e", 4, 5, true).ok(READ_EVENT, "e", 6, 7, false),
            "processed by 2. Next would come, and cannot: 4 getEvent"),
        Arguments.of(
            "brought back by what does not cover it",
            marked()
                .ok(SUBSCRIBE, "s", 4, 5, null, subscription(AFTER_NOON))
                .ok(READ_EVENT, "e", 6, 7, false),
            "processed by 2. Next would come, and cannot: 4 getEvent"),
        Arguments.of(
            "not brought back",
            marked()
                .ok(SUBSCRIBE, "s", 4, 5, null, subscription(NOON))
                .ok(READ_EVENT, "e", 6, 7, true),
            "unprocessed by 3. Next would come, and cannot: 4 getEvent"),
        Arguments.of(
            "a refused mark that took effect",
            builder().ok(MARK_PROCESSED, "e", 2, 3, false).ok(READ_EVENT, "e", 4, 5, true),
            "unprocessed by 1. Next would come, and cannot: 3 getEvent"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void impossibleHistoriesAreExplained(String what, HistoryBuilder builder, String message) {
    List<Violation> violations = new ProcessedChecker().check(builder.build());

    assertThat(violations).hasSize(1);
    assertThat(violations.get(0).key()).isEqualTo("e");
    assertThat(violations.get(0).message()).contains(message);
  }
}
