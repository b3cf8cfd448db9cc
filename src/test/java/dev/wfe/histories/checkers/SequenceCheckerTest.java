package dev.wfe.histories.checkers;

import static dev.wfe.histories.OperationNames.NEXT_SEQUENCE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class SequenceCheckerTest {
  @Test
  void gapsAndConcurrentCallsInAnyOrderAreAccepted() {
    HistoryBuilder builder =
        new HistoryBuilder()
            .ok(NEXT_SEQUENCE, "d", 0, 9, 3)
            .ok(NEXT_SEQUENCE, "d", 1, 8, 1)
            .unknown(NEXT_SEQUENCE, "d", 2)
            .ok(NEXT_SEQUENCE, "d", 10, 12, 7)
            .ok(NEXT_SEQUENCE, "other", 11, 12, 1);

    assertThat(new SequenceChecker().check(builder.build())).isEmpty();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(
            "the same number twice",
            new HistoryBuilder().ok(NEXT_SEQUENCE, "d", 0, 9, 1).ok(NEXT_SEQUENCE, "d", 1, 8, 1),
            "1 was given twice: 1 nextDefinitionSequence -> 1 [0.000..0.000 ms]; "
                + "2 nextDefinitionSequence -> 1 [0.000..0.000 ms]"),
        Arguments.of(
            "a smaller number later",
            new HistoryBuilder()
                .ok(NEXT_SEQUENCE, "d", 0, 1, 5)
                .ok(NEXT_SEQUENCE, "d", 2, 3, 6)
                .ok(NEXT_SEQUENCE, "d", 4, 5, 4),
            "4 was given although 6 had been given before it was asked for: 2 next"),
        Arguments.of(
            "a smaller number later, behind a long call",
            new HistoryBuilder()
                .ok(NEXT_SEQUENCE, "d", 0, 100, 9)
                .ok(NEXT_SEQUENCE, "d", 2, 3, 6)
                .ok(NEXT_SEQUENCE, "d", 4, 5, 4),
            "4 was given although 6 had been given"),
        Arguments.of(
            "not a count",
            new HistoryBuilder().ok(NEXT_SEQUENCE, "d", 0, 1, 0),
            "counts from 1: 1 next"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void impossibleHistoriesAreExplained(String what, HistoryBuilder builder, String message) {
    List<Violation> violations = new SequenceChecker().check(builder.build());

    assertThat(violations).hasSize(1);
    assertThat(violations.get(0).message()).contains(message);
  }
}
