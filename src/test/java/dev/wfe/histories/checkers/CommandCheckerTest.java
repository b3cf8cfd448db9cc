package dev.wfe.histories.checkers;

import static dev.wfe.histories.OperationNames.HANDLE;
import static dev.wfe.histories.OperationNames.LEFT;
import static dev.wfe.histories.OperationNames.PROCESS;
import static dev.wfe.histories.OperationNames.SCHEDULE;
import static dev.wfe.histories.OperationNames.SCHEDULE_AT_EARLIEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.StoreUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class CommandCheckerTest {
  private static final class HandlerFailed extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private static Map<String, Integer> count(int handled, int failed) {
    return Map.of("handled", handled, "failed", failed);
  }

  static Stream<Arguments> right() {
    return Stream.of(
        Arguments.of(
            "scheduled, handled, scheduled again, handled again",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 6, count(1, 0))
                .ok(HANDLE, "c", 3, 4, null, "call", "2")
                .ok(SCHEDULE, "c", 7, 8, null)
                .ok(PROCESS, "", 9, 12, count(1, 0))
                .ok(HANDLE, "c", 10, 11, null, "call", "5")),
        Arguments.of(
            "scheduled while it is handled, and left",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 9, count(1, 0))
                .ok(HANDLE, "c", 3, 8, null, "call", "2")
                .ok(SCHEDULE_AT_EARLIEST, "c", 4, 5, null)
                .ok(LEFT, "c", 20, 20, null)),
        Arguments.of(
            "scheduled by its own handler, and handled again",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 9, count(1, 0))
                .ok(HANDLE, "c", 3, 8, true, "call", "2")
                .ok(SCHEDULE, "c", 4, 5, null)
                .ok(PROCESS, "", 10, 14, count(1, 0))
                .ok(HANDLE, "c", 11, 12, false, "call", "5")),
        Arguments.of(
            "failed once",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 6, count(0, 1))
                .refused(HANDLE, "c", 3, 4, HandlerFailed.class, "call", "2")
                .ok(PROCESS, "", 9, 12, count(1, 0))
                .ok(HANDLE, "c", 10, 11, null, "call", "4")),
        Arguments.of(
            "killed in the handler, and handled again",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .unknown(PROCESS, "", 2)
                .unknown(HANDLE, "c", 3, "call", "2")
                .ok(PROCESS, "", 9, 12, count(1, 0))
                .ok(HANDLE, "c", 10, 11, null, "call", "4")),
        Arguments.of(
            "handled, then cut off before that was noted, and handled again",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .unknown(PROCESS, "", 2)
                .ok(HANDLE, "c", 3, 4, null, "call", "2")
                .ok(PROCESS, "", 9, 12, count(1, 0))
                .ok(HANDLE, "c", 10, 11, null, "call", "4")),
        Arguments.of(
            "an unknown one may be handled or not",
            new HistoryBuilder()
                .unknown(SCHEDULE, "c", 0)
                .unknown(SCHEDULE, "d", 0)
                .ok(PROCESS, "", 2, 6, count(1, 0))
                .ok(HANDLE, "c", 3, 4, null, "call", "3")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("right")
  void possibleHistoriesAreAccepted(String what, HistoryBuilder builder) {
    assertThat(new CommandChecker().check(builder.build())).isEmpty();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(
            "in two handlers",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(SCHEDULE, "c", 0, 20, null)
                .ok(PROCESS, "", 2, 9, count(1, 0))
                .ok(PROCESS, "", 2, 9, count(1, 0))
                .ok(HANDLE, "c", 3, 8, null, "call", "3")
                .ok(HANDLE, "c", 7, 9, null, "call", "4"),
            "in two handlers at the same time: 5 handle"),
        Arguments.of(
            "begun by one that was killed, within another's",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 20, null)
                .ok(PROCESS, "", 2, 9, count(1, 0))
                .unknown(PROCESS, "", 2)
                .ok(HANDLE, "c", 3, 8, null, "call", "2")
                .unknown(HANDLE, "c", 7, "call", "3"),
            "in two handlers at the same time: 4 handle"),
        Arguments.of(
            "lost while it was handled",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 9, count(1, 0))
                .ok(HANDLE, "c", 3, 8, null, "call", "2")
                .ok(SCHEDULE, "c", 4, 5, null),
            "lost: 4 scheduleCommand -> null [0.000..0.000 ms]; it is not in the store, "
                + "and was last handed out to 3 handle"),
        Arguments.of(
            "never handled",
            new HistoryBuilder().ok(SCHEDULE, "c", 0, 1, null),
            "and nobody handled it"),
        Arguments.of(
            "gone after its handler failed",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 6, count(0, 1))
                .refused(HANDLE, "c", 3, 4, HandlerFailed.class, "call", "2"),
            "lost: 1 scheduleCommand"),
        Arguments.of(
            "never scheduled",
            new HistoryBuilder()
                .refused(SCHEDULE, "c", 0, 1, StoreUnavailableException.class)
                .ok(PROCESS, "", 2, 6, count(1, 0))
                .ok(HANDLE, "c", 3, 4, null, "call", "2"),
            "handed out, but nobody had scheduled it: 3 handle"),
        Arguments.of(
            "handled again for nothing",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 6, count(1, 0))
                .ok(HANDLE, "c", 3, 4, null, "call", "2")
                .ok(PROCESS, "", 9, 12, count(1, 0))
                .ok(HANDLE, "c", 10, 11, null, "call", "4"),
            "handed out again, but nobody had scheduled it since: 3 handle"),
        Arguments.of(
            "twice in one call",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 9, count(2, 0))
                .ok(HANDLE, "c", 3, 4, null, "call", "2")
                .ok(SCHEDULE, "c", 5, 6, null)
                .ok(HANDLE, "c", 7, 8, null, "call", "2"),
            "handed out twice by one call: 3 handle"),
        Arguments.of(
            "miscounted",
            new HistoryBuilder()
                .ok(SCHEDULE, "c", 0, 1, null)
                .ok(PROCESS, "", 2, 9, count(2, 0))
                .ok(HANDLE, "c", 3, 4, null, "call", "2"),
            "reported other than 1 handled and 0 failed: 2 processCommands"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void impossibleHistoriesAreExplained(String what, HistoryBuilder builder, String message) {
    List<Violation> violations = new CommandChecker().check(builder.build());

    assertThat(violations).hasSize(1);
    assertThat(violations.get(0).message()).contains(message);
  }
}
