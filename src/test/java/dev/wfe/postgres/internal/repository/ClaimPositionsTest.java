package dev.wfe.postgres.internal.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ClaimPositionsTest {
  private static final Duration PATIENCE = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofDays(1);
  private static final Instant TIME = Instant.ofEpochMilli(100_000);
  private static final List<DefinitionVersion> DEFINITIONS =
      List.of(new DefinitionVersion("definition", 1));

  private final ClaimPositions positions = new ClaimPositions(PATIENCE, 1, 10);

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

  private void assertNextGoesOnAt(long dueTime) {
    assertThat(positions.since(DEFINITIONS)).isEqualTo(dueTime);
  }

  private void assertNextBeginsWithTheEarliest() {
    assertThat(positions.since(DEFINITIONS)).isNull();
  }

  @Test
  void claimsThatAreQuickBeginWithTheEarliest() {
    assertNextBeginsWithTheEarliest();
    positions.claimed(DEFINITIONS, null, result(5_000), PATIENCE.minusNanos(1));
    assertNextBeginsWithTheEarliest();
  }

  @Test
  void afterALongClaimTheNextGoOnASecondBeforeTheEarliestThatItFound() {
    positions.claimed(DEFINITIONS, null, result(5_000, 4_000, 6_000), LONG);
    assertNextGoesOnAt(3_000);
    positions.claimed(DEFINITIONS, 3_000L, result(7_000), Duration.ZERO);
    assertNextGoesOnAt(6_000);
  }

  @Test
  void afterALongClaimInVainTheNextGoOnASecondBeforeIt() {
    positions.claimed(DEFINITIONS, null, result(), LONG);
    assertNextGoesOnAt(99_000);
  }

  @Test
  void longClaimsHaveToFollowEachOther() {
    ClaimPositions third = new ClaimPositions(PATIENCE, 3, 10);
    for (Duration took : List.of(LONG, LONG, Duration.ZERO, LONG, LONG)) {
      third.claimed(DEFINITIONS, null, result(5_000), took);
      assertThat(third.since(DEFINITIONS)).isNull();
    }
    third.claimed(DEFINITIONS, null, result(5_000), LONG);
    assertThat(third.since(DEFINITIONS)).isEqualTo(4_000);
  }

  @Test
  void claimsNeverGoBack() {
    positions.claimed(DEFINITIONS, null, result(5_000), LONG);
    positions.claimed(DEFINITIONS, 4_000L, result(4_500), LONG);
    assertNextGoesOnAt(4_000);
  }

  @Test
  void afterAWhileAClaimBeginsWithTheEarliestAgain() {
    ClaimPositions atOnce = new ClaimPositions(PATIENCE, 1, 0);
    atOnce.claimed(DEFINITIONS, null, result(5_000), LONG);
    assertThat(atOnce.since(DEFINITIONS)).isNull();
  }

  @Test
  void aClaimFromTheBeginningThatIsQuickAgainEndsIt() {
    positions.claimed(DEFINITIONS, null, result(5_000), LONG);
    positions.claimed(DEFINITIONS, null, result(5_000), Duration.ZERO);
    assertNextBeginsWithTheEarliest();
  }

  @Test
  void otherDefinitionsHaveAnotherPosition() {
    positions.claimed(DEFINITIONS, null, result(5_000), LONG);
    assertThat(positions.since(List.of(new DefinitionVersion("definition", 2)))).isNull();
  }

  @Test
  void theEarliestOfAllTimesIsADueTime() {
    positions.claimed(DEFINITIONS, null, result(Long.MIN_VALUE), LONG);
    assertNextGoesOnAt(Long.MIN_VALUE);
  }

  @Test
  void manyDefinitionsDoNotFillTheMemory() {
    positions.claimed(DEFINITIONS, null, result(5_000), LONG);
    for (int version = 1; version <= 1_000; version++) {
      positions.claimed(
          List.of(new DefinitionVersion("other", version)), null, result(5_000), LONG);
    }
    assertNextBeginsWithTheEarliest();
  }
}
