package dev.wfe.postgres.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.concurrency.InterleavingRunner.Outcome;
import dev.wfe.postgres.modelled.FinalState;
import dev.wfe.postgres.modelled.NormalForm;
import dev.wfe.postgres.testing.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two concurrent operations on the same row or topic, in every interleaving: each one runs between
 * any two statements of the other, and while the other waits for a lock in the middle of a
 * statement. Results and stored state always equal those of one of the two serial orders, so
 * nothing is lost, nothing is mixed, and nothing ends in a deadlock.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InterleavingsTest {
  private final TestDatabase database = TestDatabase.migrated();
  private final InterleavingRunner runner = new InterleavingRunner(database);

  @AfterAll
  void close() {
    runner.close();
    database.close();
  }

  static Stream<Interleaving> interleavings() {
    return Stream.of(
            WorkflowInterleavings.all(),
            SubscriptionInterleavings.all(),
            CommandInterleavings.all())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("interleavings")
  void everyInterleavingEndsLikeASerialOrder(Interleaving interleaving) throws Exception {
    Outcome oneFirst = runner.oneFirst(interleaving);
    Outcome otherFirst = runner.oneFirst(interleaving.turnedRound()).turnedRound();

    assertThat(oneFirst).isEqualTo(InterleavingRunner.oneFirstInMemory(interleaving));
    assertThat(otherFirst)
        .isEqualTo(InterleavingRunner.oneFirstInMemory(interleaving.turnedRound()).turnedRound());
    Map<String, Outcome> outcomes = outcomes(interleaving);

    List<FinalState.Answer> common = new ArrayList<>(oneFirst.stored());
    common.retainAll(otherFirst.stored());
    List<String> wrong = new ArrayList<>();
    outcomes.forEach(
        (order, outcome) -> {
          List<Outcome> allowed = allowed(interleaving, oneFirst, otherFirst, outcome);
          if (!allowed.contains(outcome)) {
            wrong.add(
                "%s: %s\n  is none of %s"
                    .formatted(
                        order,
                        outcome.without(common),
                        allowed.stream().map(one -> "\n  " + one.without(common)).toList()));
          }
        });
    assertThat(String.join("\n", wrong)).isEmpty();
  }

  private Map<String, Outcome> outcomes(Interleaving interleaving) throws Exception {
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    Interleaving turned = interleaving.turnedRound();
    for (Outcome outcome : runner.otherBetweenStatements(interleaving)) {
      outcomes.put("other between statements of one, no. " + outcomes.size(), outcome);
    }
    for (Outcome outcome : runner.otherBetweenStatements(turned)) {
      outcomes.put(
          "one between statements of other, no. " + outcomes.size(), outcome.turnedRound());
    }
    for (LockPoint lock : interleaving.locksOfOne()) {
      outcomes.put("one waiting for " + lock, runner.oneWaitingFor(lock, interleaving));
    }
    for (LockPoint lock : interleaving.locksOfOther()) {
      outcomes.put("other waiting for " + lock, runner.oneWaitingFor(lock, turned).turnedRound());
    }
    return outcomes;
  }

  /** A call that asks to be repeated may stand for one that was not made. */
  private List<Outcome> allowed(
      Interleaving interleaving, Outcome oneFirst, Outcome otherFirst, Outcome outcome) {
    List<Outcome> allowed = new ArrayList<>(List.of(oneFirst, otherFirst));
    if (asksToRepeat(outcome.one())) {
      allowed.add(runner.onlyOther(interleaving, outcome.one()));
    }
    if (asksToRepeat(outcome.other())) {
      allowed.add(runner.onlyOther(interleaving.turnedRound(), outcome.other()).turnedRound());
    }
    return allowed;
  }

  /** What PostgreSQL itself gave up, as in a deadlock, is not meant. */
  private static boolean asksToRepeat(Object outcome) {
    return outcome instanceof NormalForm.Thrown thrown
        && thrown.type() == StoreUnavailableException.class
        && !String.valueOf(thrown.message()).contains("SQLState");
  }
}
