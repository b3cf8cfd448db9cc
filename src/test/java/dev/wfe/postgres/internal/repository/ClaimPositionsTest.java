package dev.wfe.postgres.internal.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.Priority;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.Subject;
import dev.wfe.postgres.internal.repository.ClaimPositions.Queue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ClaimPositionsTest {
  private static final Duration PATIENCE = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofDays(1);
  private static final Duration QUICK = Duration.ofHours(1);
  private static final Instant TIME = Instant.ofEpochMilli(100_000);
  private static final List<DefinitionVersion> DEFINITIONS =
      List.of(new DefinitionVersion("definition", 1));

  private static final Queue QUEUE = new Queue(DEFINITIONS.get(0), Priority.NORMAL);

  private final ClaimPositions positions = new ClaimPositions(PATIENCE, 1, 10);
  private final ClaimPositions backlog = new ClaimPositions(LONG, 1, 10);

  private static ClaimedWorkflows result(long... dueTimes) {
    return new ClaimedWorkflows(
        TIME, LongStream.of(dueTimes).mapToObj(ClaimPositionsTest::claimed).toList(), null);
  }

  private static ClaimedWorkflow claimed(long dueTime) {
    return new ClaimedWorkflow(
        new Claim(Subject.WORKFLOW, "w", "owner", 1),
        1,
        LiveWorkflow.of(WorkflowInstance.builder("definition", 1).nextExecution(dueTime).build()));
  }

  private static void assertNextGoesOnBehind(ClaimPositions positions, long dueTime, String id) {
    assertThat(positions.next(DEFINITIONS))
        .isNotNull()
        .satisfies(
            places ->
                assertThat(places.in(QUEUE)).isEqualTo(new ClaimPositions.Place(dueTime, id)));
  }

  private void assertNextGoesOnBehind(long dueTime, String id) {
    assertNextGoesOnBehind(positions, dueTime, id);
  }

  private void assertNextBeginsWithTheEarliest() {
    assertThat(positions.next(DEFINITIONS)).isNull();
  }

  private static void claim(
      ClaimPositions positions, ClaimedWorkflows result, boolean isFull, Duration took) {
    positions.claimed(DEFINITIONS, positions.next(DEFINITIONS), result, isFull, took);
  }

  /** A claim that found less than it asked for. */
  private void claim(ClaimedWorkflows result, Duration took) {
    claim(positions, result, false, took);
  }

  @Test
  void claimsThatAreQuickBeginWithTheEarliest() {
    assertNextBeginsWithTheEarliest();
    claim(result(5_000), PATIENCE.minusNanos(1));
    assertNextBeginsWithTheEarliest();
  }

  @Test
  void afterALongClaimTheNextGoOnASecondBeforeTheEarliestThatItFound() {
    claim(result(4_000, 5_000, 6_000), LONG);
    assertNextGoesOnBehind(3_000, "");
    claim(result(7_000), Duration.ZERO);
    assertNextGoesOnBehind(6_000, "");
  }

  @Test
  void afterALongClaimInVainTheNextGoOnASecondBeforeIt() {
    claim(result(), LONG);
    assertNextGoesOnBehind(99_000, "");
  }

  @Test
  void longClaimsHaveToFollowEachOther() {
    ClaimPositions third = new ClaimPositions(PATIENCE, 3, 10);
    for (Duration took : List.of(LONG, LONG, Duration.ZERO, LONG, LONG)) {
      claim(third, result(5_000), false, took);
      assertThat(third.next(DEFINITIONS)).isNull();
    }
    claim(third, result(5_000), false, LONG);
    assertThat(third.next(DEFINITIONS)).isNotNull();
  }

  @Test
  void claimsNeverGoBack() {
    claim(result(5_000), LONG);
    claim(result(4_500), LONG);
    assertNextGoesOnBehind(4_000, "");
  }

  @Test
  void inABacklogTheNextGoOnBehindTheLastThatWasFound() {
    claim(backlog, result(5_000, 6_000), true, QUICK);
    assertNextGoesOnBehind(backlog, 6_000, "w");
    claim(backlog, result(6_000, 7_000), true, QUICK);
    assertNextGoesOnBehind(backlog, 7_000, "w");
  }

  @Test
  void aClaimThatFindsLessEndsTheBacklog() {
    claim(backlog, result(5_000, 6_000), true, QUICK);
    claim(backlog, result(7_000), false, QUICK);
    assertThat(backlog.next(DEFINITIONS)).isNull();
  }

  @Test
  void claimsThatOthersWereFasterThanChangeNothing() {
    claim(backlog, result(), true, QUICK);
    assertThat(backlog.next(DEFINITIONS)).isNull();
    claim(backlog, result(5_000, 6_000), true, QUICK);
    claim(backlog, result(), true, QUICK);
    assertNextGoesOnBehind(backlog, 6_000, "w");
  }

  @Test
  void afterAWhileAClaimBeginsWithTheEarliestAgain() {
    ClaimPositions atOnce = new ClaimPositions(PATIENCE, 1, 0);
    claim(atOnce, result(5_000), false, LONG);
    assertThat(atOnce.next(DEFINITIONS)).isNull();
  }

  @Test
  void othersGoOnWhileOneBeginsWithTheEarliest() {
    claim(backlog, result(5_000, 6_000), true, Duration.ofMillis(50));
    while (backlog.next(DEFINITIONS) != null) {
      Thread.onSpinWait();
    }
    assertNextGoesOnBehind(backlog, 6_000, "w");
  }

  @Test
  void aClaimFromTheBeginningThatIsQuickAgainEndsIt() {
    claim(result(5_000), LONG);
    positions.claimed(DEFINITIONS, null, result(5_000), false, Duration.ZERO);
    assertNextBeginsWithTheEarliest();
  }

  @Test
  void otherDefinitionsHaveAnotherPosition() {
    claim(result(5_000), LONG);
    assertThat(positions.next(List.of(new DefinitionVersion("definition", 2)))).isNull();
  }

  @Test
  void theEarliestOfAllTimesIsADueTime() {
    claim(result(Long.MIN_VALUE), LONG);
    assertNextGoesOnBehind(Long.MIN_VALUE, "");
  }
}
