package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.ProcessedCommands;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scheduling commands, and processing them. */
public abstract class ScheduledCommandRepositoryContract extends Contract {
  private static final long NOW = 1_700_000_000_123L;

  @BeforeEach
  void startEmpty() {
    store().empty();
  }

  /** Has the due commands carried out, and returns them in order. */
  private List<ScheduledCommand> dueAt(Instant asOf) {
    List<ScheduledCommand> due = new ArrayList<>();
    ProcessedCommands processed = provider().processCommands(asOf, due::add);
    assertThat(processed).isEqualTo(new ProcessedCommands(due.size(), 0, List.of()));
    return due;
  }

  private List<ScheduledCommand> dueAt(long epochMillis) {
    return dueAt(Instant.ofEpochMilli(epochMillis));
  }

  @Test
  void commandsAreSupported() {
    assertThat(provider().supportsScheduledCommands()).isTrue();
  }

  @Test
  void dueCommandsAreHandledEarliestFirstAndDeleted() {
    ScheduledCommand now = ScheduledCommand.processWorkflow("now", NOW);
    ScheduledCommand earlier = ScheduledCommand.processEvent("earlier", NOW - 1);
    ScheduledCommand before1970 = ScheduledCommand.processWorkflow("before 1970", -1);
    ScheduledCommand notYet = ScheduledCommand.processWorkflow("not yet", NOW + 1);
    List.of(now, notYet, earlier, before1970).forEach(provider()::scheduleCommand);

    assertThat(dueAt(NOW)).containsExactly(before1970, earlier, now);
    assertThat(dueAt(NOW)).isEmpty();
    assertThat(dueAt(NOW + 1)).containsExactly(notYet);
  }

  @Test
  void nothingDueIsNothingDone() {
    assertThat(dueAt(NOW)).isEmpty();
  }

  @Test
  void theSameDataUnderTwoNamesIsTwoCommands() {
    provider().scheduleCommand(ScheduledCommand.processWorkflow("id", NOW));
    provider().scheduleCommand(ScheduledCommand.processEvent("id", NOW));

    assertThat(dueAt(NOW)).hasSize(2);
  }

  @Test
  void theLastCallsTimeWins() {
    provider().scheduleCommand(ScheduledCommand.processWorkflow("id", NOW));
    provider().scheduleCommand(ScheduledCommand.processWorkflow("id", NOW + 5));
    assertThat(dueAt(NOW + 4)).isEmpty();
    anotherHost().scheduleCommand(ScheduledCommand.processWorkflow("id", NOW - 5));

    assertThat(dueAt(NOW)).containsExactly(ScheduledCommand.processWorkflow("id", NOW - 5));
    assertThat(dueAt(Instant.MAX)).isEmpty();
  }

  @Test
  void atEarliestKeepsTheEarlierOfTheTwoTimes() {
    provider().scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("id", NOW));
    provider().scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("id", NOW + 5));
    provider().scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("id", NOW - 5));
    provider().scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("id", NOW));

    assertThat(dueAt(NOW - 6)).isEmpty();
    assertThat(dueAt(NOW - 5)).containsExactly(ScheduledCommand.processWorkflow("id", NOW - 5));
    assertThat(dueAt(Instant.MAX)).isEmpty();
  }

  @Test
  void aCommandMayBeScheduledAgainOnceItIsDone() {
    ScheduledCommand command = ScheduledCommand.processEvent("id", NOW);
    for (int i = 0; i < 3; i++) {
      provider().scheduleCommand(command);
      assertThat(dueAt(NOW)).containsExactly(command);
      provider().scheduleCommandAtEarliest(command);
      assertThat(dueAt(NOW)).containsExactly(command);
    }
  }

  @Test
  void theFull64BitRangeIsLegal() {
    ScheduledCommand first = ScheduledCommand.processWorkflow("first", Long.MIN_VALUE);
    ScheduledCommand last = ScheduledCommand.processWorkflow("last", Long.MAX_VALUE);
    provider().scheduleCommand(last);
    provider().scheduleCommand(first);

    assertThat(dueAt(NOW)).containsExactly(first);
    assertThat(dueAt(Instant.MAX)).containsExactly(last);
  }

  @Test
  void anyInstantIsAcceptedAsABound() {
    provider().scheduleCommand(ScheduledCommand.processWorkflow("id", 0));

    assertThat(dueAt(Instant.MIN)).isEmpty();
    assertThat(dueAt(Instant.EPOCH.minusNanos(1))).isEmpty();
    assertThat(dueAt(Instant.EPOCH)).hasSize(1);
  }

  @Test
  void moreThanOneClaimsWorthIsHandedOut() {
    for (int i = 0; i < 1_000; i++) {
      provider().scheduleCommand(ScheduledCommand.processWorkflow("workflow " + i, NOW - i));
    }

    List<ScheduledCommand> due = dueAt(NOW);

    assertThat(due).hasSize(1_000).doesNotHaveDuplicates();
    assertThat(due).isSortedAccordingTo((a, b) -> Long.compare(a.executeTime(), b.executeTime()));
    assertThat(dueAt(NOW)).isEmpty();
  }

  @Test
  void contendersMayScheduleTheSameCommandAtOnce() throws Exception {
    Together.run(
        16,
        number ->
            () -> {
              ScheduledCommand command = ScheduledCommand.processWorkflow("id", NOW - number);
              if (number % 4 < 2) {
                host(number).scheduleCommand(command);
              } else {
                host(number).scheduleCommandAtEarliest(command);
              }
              return number;
            });

    assertThat(dueAt(NOW)).hasSize(1);
    assertThat(dueAt(NOW)).isEmpty();
  }
}
