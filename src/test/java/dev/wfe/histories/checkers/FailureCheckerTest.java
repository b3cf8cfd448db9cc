package dev.wfe.histories.checkers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.Outcome;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.StoreUnavailableException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FailureCheckerTest {
  private static final History RACE =
      new HistoryBuilder().refused("operation", "k", 0, 1, StaleRevisionException.class).build();
  private static final History CUT_OFF =
      new HistoryBuilder()
          .refused("operation", "k", 0, 1, StoreUnavailableException.class)
          .unknown("operation", "k", 2)
          .build();
  private static final History UNEXPECTED =
      new HistoryBuilder().refused("operation", "k", 0, 1, StoreFailureException.class).build();

  @Test
  void racesAreExpectedAtAnyTime() {
    assertThat(new FailureChecker(false).check(RACE)).isEmpty();
    assertThat(new FailureChecker(true).check(RACE)).isEmpty();
  }

  @Test
  void aStoreThatCannotBeAskedIsExpectedWithFaultsOnly() {
    assertThat(new FailureChecker(true).check(CUT_OFF)).isEmpty();
    assertThat(new FailureChecker(false).check(CUT_OFF))
        .extracting(Violation::message)
        .containsExactly(
            "an end that nothing explains: 1 operation -> REFUSED StoreUnavailableException: as"
                + " said [0.000..0.000 ms]",
            "an end that nothing explains: 2 operation -> UNKNOWN (no return) [0.000..? ms]");
  }

  @Test
  void theEndOfAHistoryIsFreeOfFaults() {
    Operation late =
        new Operation(
            "drain-1",
            "operation",
            "k",
            JsonNodeFactory.instance.objectNode(),
            0,
            1,
            Outcome.REFUSED,
            JsonNodeFactory.instance.textNode("StoreUnavailableException: no connection"));

    assertThat(new FailureChecker(true).check(new History(List.of(late)))).hasSize(1);
  }

  @Test
  void otherFailuresAreNotExpected() {
    assertThat(new FailureChecker(true).check(UNEXPECTED))
        .extracting(Violation::message)
        .containsExactly(
            "an end that nothing explains: 1 operation -> REFUSED StoreFailureException: as said"
                + " [0.000..0.000 ms]");
  }

  @Test
  void deadlocksAreNotExpected() {
    Operation deadlock =
        new Operation(
            "1",
            "operation",
            "k",
            JsonNodeFactory.instance.objectNode(),
            0,
            1,
            Outcome.REFUSED,
            JsonNodeFactory.instance.textNode(
                "StoreUnavailableException: deadlock detected (SQLState 40P01)"));

    assertThat(new FailureChecker(true).check(new History(List.of(deadlock)))).hasSize(1);
  }
}
