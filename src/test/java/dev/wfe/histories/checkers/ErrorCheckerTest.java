package dev.wfe.histories.checkers;

import static dev.wfe.histories.Verbs.PERSIST_ERRORS;
import static dev.wfe.histories.Verbs.STORED_ERRORS;
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
  private static Story story(String... stored) {
    return new Story()
        .ok(PERSIST_ERRORS, "a", 0, 1, null, "count", "2")
        .unknown(PERSIST_ERRORS, "b", 2, "count", "2")
        .refused(PERSIST_ERRORS, "c", 3, 4, StoreUnavailableException.class, "count", "1")
        .ok(STORED_ERRORS, "", 5, 6, List.of(stored));
  }

  @Test
  void whatIsUnknownIsStoredWhollyOrNotAtAll() {
    assertThat(new ErrorChecker().check(story("a/0", "a/1").history())).isEmpty();
    assertThat(new ErrorChecker().check(story("b/1", "a/0", "b/0", "a/1").history())).isEmpty();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("one is lost", story("a/0"), "stored [1, 0] times each: 1 persistErrors"),
        Arguments.of(
            "one is stored twice",
            story("a/0", "a/1", "a/1"),
            "stored [1, 2] times each: 1 persistErrors"),
        Arguments.of(
            "half of a call of unknown outcome",
            story("a/0", "a/1", "b/1"),
            "stored [0, 1] times each: 2 persistErrors"),
        Arguments.of(
            "a refused one", story("a/0", "a/1", "c/0"), "stored [1] times each: 3 persistErrors"),
        Arguments.of("nobody's", story("a/0", "a/1", "d/0"), "stored, but nobody recorded it"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void whatCannotHappenIsExplained(String what, Story story, String message) {
    assertThat(new ErrorChecker().check(story.history()))
        .singleElement()
        .extracting(Violation::message)
        .asString()
        .contains(message);
  }
}
