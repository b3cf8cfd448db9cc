package dev.wfe.histories.checkers;

import static dev.wfe.histories.OperationNames.PERSIST_ERRORS;
import static dev.wfe.histories.OperationNames.STORED_ERRORS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.StoreUnavailableException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ErrorCheckerTest {
  /** Two calls, of two errors each; nobody knows what became of the second. */
  private static HistoryBuilder builder(String... stored) {
    return new HistoryBuilder()
        .ok(PERSIST_ERRORS, "a", 0, 1, null, "count", "2")
        .unknown(PERSIST_ERRORS, "b", 2, "count", "2")
        .refused(PERSIST_ERRORS, "c", 3, 4, StoreUnavailableException.class, "count", "1")
        .ok(STORED_ERRORS, "", 5, 6, List.of(stored));
  }

  @Test
  void aWriteOfUnknownOutcomeIsWholeOrAbsent() {
    assertThat(new ErrorChecker().check(builder("a/0", "a/1").build())).isEmpty();
    assertThat(new ErrorChecker().check(builder("b/1", "a/0", "b/0", "a/1").build())).isEmpty();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("one is lost", builder("a/0"), "stored [1, 0] times each: 1 persistErrors"),
        Arguments.of(
            "one is stored twice",
            builder("a/0", "a/1", "a/1"),
            "stored [1, 2] times each: 1 persistErrors"),
        Arguments.of(
            "half of a call of unknown outcome",
            builder("a/0", "a/1", "b/1"),
            "stored [0, 1] times each: 2 persistErrors"),
        Arguments.of(
            "a refused one",
            builder("a/0", "a/1", "c/0"),
            "stored [1] times each: 3 persistErrors"),
        Arguments.of("nobody's", builder("a/0", "a/1", "d/0"), "stored, but nobody recorded it"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void impossibleHistoriesAreExplained(String what, HistoryBuilder builder, String message) {
    assertThat(new ErrorChecker().check(builder.build()))
        .singleElement()
        .extracting(Violation::message)
        .asString()
        .contains(message);
  }
}
