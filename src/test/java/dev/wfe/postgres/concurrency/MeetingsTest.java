package dev.wfe.postgres.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.concurrency.Encounter.Outcome;
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
 * Two verbs on the same thing at the same time, in every order in which they can meet: the one
 * between any two statements of the other, and each stopped in the middle of a statement while the
 * other comes. Whatever the order, they give and leave what they give and leave one after the
 * other; so nothing is lost, nothing is mixed, and nothing ends in a deadlock.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MeetingsTest {
  private final TestDatabase database = TestDatabase.migrated();
  private final Encounter encounter = new Encounter(database);

  @AfterAll
  void close() {
    encounter.close();
    database.close();
  }

  static Stream<Meeting> meetings() {
    return Stream.of(WorkflowMeetings.all(), SubscriptionMeetings.all(), CommandMeetings.all())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("meetings")
  void theyGiveWhatTheyGiveOneAfterTheOther(Meeting meeting) throws Exception {
    Outcome oneFirst = encounter.oneFirst(meeting);
    Outcome otherFirst = encounter.oneFirst(meeting.turnedRound()).turnedRound();

    assertThat(oneFirst).isEqualTo(Encounter.oneFirstInMemory(meeting));
    assertThat(otherFirst)
        .isEqualTo(Encounter.oneFirstInMemory(meeting.turnedRound()).turnedRound());
    Map<String, Outcome> outcomes = outcomes(meeting);

    List<FinalState.Answer> common = new ArrayList<>(oneFirst.stored());
    common.retainAll(otherFirst.stored());
    List<String> wrong = new ArrayList<>();
    outcomes.forEach(
        (order, outcome) -> {
          List<Outcome> allowed = allowed(meeting, oneFirst, otherFirst, outcome);
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

  private Map<String, Outcome> outcomes(Meeting meeting) throws Exception {
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    Meeting turned = meeting.turnedRound();
    for (Outcome outcome : encounter.otherBetweenStatements(meeting)) {
      outcomes.put("other between statements of one, no. " + outcomes.size(), outcome);
    }
    for (Outcome outcome : encounter.otherBetweenStatements(turned)) {
      outcomes.put(
          "one between statements of other, no. " + outcomes.size(), outcome.turnedRound());
    }
    for (Gate gate : meeting.gatesOfOne()) {
      outcomes.put("one stopped at " + gate, encounter.oneStoppedAt(gate, meeting));
    }
    for (Gate gate : meeting.gatesOfOther()) {
      outcomes.put("other stopped at " + gate, encounter.oneStoppedAt(gate, turned).turnedRound());
    }
    return outcomes;
  }

  /** A call that asks to be repeated may stand for one that was not made. */
  private List<Outcome> allowed(
      Meeting meeting, Outcome oneFirst, Outcome otherFirst, Outcome outcome) {
    List<Outcome> allowed = new ArrayList<>(List.of(oneFirst, otherFirst));
    if (asksToRepeat(outcome.one())) {
      allowed.add(encounter.otherAlone(meeting, outcome.one()));
    }
    if (asksToRepeat(outcome.other())) {
      allowed.add(encounter.otherAlone(meeting.turnedRound(), outcome.other()).turnedRound());
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
