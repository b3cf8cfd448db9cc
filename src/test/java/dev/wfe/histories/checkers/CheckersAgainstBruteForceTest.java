package dev.wfe.histories.checkers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The checkers and the brute-force search agree on thousands of small random histories. */
final class CheckersAgainstBruteForceTest {
  private static final int HISTORIES = 3_000;

  /** Of each kind, so that the comparison means something. */
  private static final int SOME = HISTORIES / 20;

  private static final long SEED =
      Long.getLong("wfe.test.histories.seed", new Random().nextInt(Integer.MAX_VALUE));

  @Test
  void theSearchForAnOrderOfTokensFindsOneExactlyWhenThereIsOne() {
    compare(new TokenRegister(), RandomHistories::ofTokens);
  }

  @Test
  void theSearchForAnOrderOfMarkCallsFindsOneExactlyWhenThereIsOne() {
    compare(new ProcessedRegister(), RandomEvents::of);
  }

  private static <S> void compare(
      Specification<S> specification, Function<Random, List<Operation>> histories) {
    int right = 0;
    for (int i = 0; i < HISTORIES; i++) {
      List<Operation> operations = histories.apply(new Random(SEED + i));

      boolean expected = BruteForce.isExplained(specification, operations);
      boolean found = Linearizability.problem(specification, operations).isEmpty();

      assertThat(found).as("Seed %s: %s", SEED + i, operations).isEqualTo(expected);
      right += expected ? 1 : 0;
    }
    assertThat(right).as("Seed %s", SEED).isBetween(SOME, HISTORIES - SOME);
  }

  @Test
  void theCheckerOfInstancesFindsAProblemExactlyWhenNoOrderExplainsThem() {
    int right = 0;
    int compared = 0;
    for (int i = 0; i < HISTORIES; i++) {
      List<Operation> operations = RandomHistories.ofInstances(new Random(SEED + i));
      if (!RandomHistories.basesWereSeen(operations)) {
        continue;
      }

      boolean expected = BruteForce.isExplained(new RevisionRegister(), operations);
      List<Violation> found = new InstanceChecker().check(new History(operations));

      assertThat(found.isEmpty())
          .as("Seed %s: %s: %s", SEED + i, operations, found)
          .isEqualTo(expected);
      compared++;
      right += expected ? 1 : 0;
    }
    assertThat(compared).as("Seed %s", SEED).isGreaterThan(HISTORIES / 2);
    assertThat(right).as("Seed %s", SEED).isBetween(SOME, compared - SOME);
  }
}
