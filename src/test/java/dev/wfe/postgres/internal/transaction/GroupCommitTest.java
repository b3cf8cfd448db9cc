package dev.wfe.postgres.internal.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.internal.transaction.GroupCommit.Turn;
import dev.wfe.postgres.internal.transaction.GroupCommit.Waits;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GroupCommitTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Waits PATIENT = new Waits(Duration.ZERO, LONG);

  /** A call, which its group answers or not. */
  private static final class Call extends GroupCommit.Call {
    private final long bytes;

    Call(long bytes) {
      this.bytes = bytes;
    }

    @Override
    protected long bytes() {
      return bytes;
    }

    void answer() {
      answered();
    }
  }

  /** A group under way, until the test lands it. */
  private record Flight(List<Call> calls, CompletableFuture<Boolean> answers) {
    void answerAll() {
      answers.complete(true);
    }

    void answerNone() {
      answers.complete(false);
    }
  }

  private final LinkedBlockingQueue<Flight> flights = new LinkedBlockingQueue<>();
  private final List<Background<Turn>> waiting = new ArrayList<>();
  private final Deque<Call> flying = new ArrayDeque<>();
  private GroupCommit<Call> group = groupOf(128, PATIENT);

  private GroupCommit<Call> groupOf(int maxCalls, Waits waits) {
    return new GroupCommit<>(maxCalls, waits, this::fly);
  }

  private void fly(List<Call> calls) {
    Flight flight = new Flight(calls, new CompletableFuture<>());
    flights.add(flight);
    if (flight.answers().join()) {
      calls.forEach(Call::answer);
    }
  }

  @AfterEach
  void close() {
    group.close();
    flights.forEach(Flight::answerNone);
  }

  /** The turns of calls that do not wait. */
  private List<Turn> turnsAtOnce(int count) {
    List<Turn> turns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Call call = new Call(1);
      turns.add(group.await(call));
      flying.add(call);
    }
    return turns;
  }

  /** Begins calls that wait, one after the other. */
  private void begin(int count, long bytes) {
    for (int i = 0; i < count; i++) {
      Call call = new Call(bytes);
      waiting.add(Background.of(() -> group.await(call)));
      Eventually.isTrue("the call waits", () -> group.isWaiting(call));
    }
  }

  private void land(int count) {
    for (int i = 0; i < count; i++) {
      group.land(flying.remove());
    }
  }

  private Turn turn(int index) throws Exception {
    return waiting.get(index).value();
  }

  @Test
  void fewCallsRunAtOnceAndAlone() {
    assertThat(turnsAtOnce(GroupCommit.FEW_CALLS)).containsOnly(Turn.IN_FLIGHT);
    land(GroupCommit.FEW_CALLS);
    assertThat(turnsAtOnce(GroupCommit.FEW_CALLS)).containsOnly(Turn.IN_FLIGHT);
  }

  @Test
  void moreCallsRunTogetherWhenOneHasLanded() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(10, 1);
    land(GroupCommit.FEW_CALLS - 1);

    Flight flight = flights.take();
    assertThat(flight.calls()).hasSize(10);
    flight.answerAll();

    for (int i = 0; i < 10; i++) {
      assertThat(turn(i)).isEqualTo(Turn.ANSWERED);
    }
  }

  @Test
  void twoGroupsAreUnderWayAtMost() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(15, 1);
    land(GroupCommit.FEW_CALLS - 1);
    Flight first = flights.take();
    begin(16, 1);
    land(1);
    Flight second = flights.take();
    begin(17, 1);

    assertThat(flights).isEmpty();
    second.answerAll();
    assertThat(flights.take().calls()).hasSize(17);
    assertThat(first.answers()).isNotDone();
  }

  @Test
  void groupWaitsForTheCallersThatHaveJustBeenAnswered() throws Exception {
    group = groupOf(128, new Waits(LONG, LONG));
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(20, 1);
    land(GroupCommit.FEW_CALLS - 1);
    flights.take().answerAll();

    begin(9, 1);
    waiting.add(Background.of(() -> group.await(new Call(1))));
    assertThat(flights.take().calls()).hasSize(10);
  }

  @Test
  void transactionsThatTakeLongHoldNobodyUp() throws Exception {
    group = groupOf(128, new Waits(Duration.ZERO, Duration.ofMillis(1)));
    turnsAtOnce(GroupCommit.FEW_CALLS);
    List<Background<Turn>> others =
        IntStream.range(0, 10)
            .mapToObj(i -> Background.of(() -> group.await(new Call(1))))
            .toList();

    Eventually.isTrue(
        "all run, alone or in groups",
        () -> {
          flights.forEach(Flight::answerAll);
          return others.stream().allMatch(Background::isDone);
        });
  }

  @Test
  void callsThatTheGroupDoesNotAnswerRunAlone() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(15, 1);
    land(GroupCommit.FEW_CALLS - 1);
    flights.take().answerNone();

    for (int i = 0; i < 15; i++) {
      assertThat(turn(i)).isEqualTo(Turn.ALONE);
    }
  }

  @Test
  void fewCallsThatWaitRunAloneToo() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(3, 1);
    land(GroupCommit.FEW_CALLS);

    for (int i = 0; i < 3; i++) {
      assertThat(turn(i)).isEqualTo(Turn.IN_FLIGHT);
    }
    assertThat(flights).isEmpty();
  }

  @Test
  void groupHasNoMoreCallsThanTold() throws Exception {
    group = groupOf(2, PATIENT);
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(16, 1);
    land(GroupCommit.FEW_CALLS - 1);

    Flight first = flights.take();
    assertThat(first.calls()).hasSize(2);
    first.answerAll();
    assertThat(flights.take().calls()).hasSize(2);
  }

  @Test
  void groupHasNoMoreBytesThanOneMebibyte() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(16, GroupCommit.MAX_BYTES / 4);
    land(GroupCommit.FEW_CALLS - 1);

    assertThat(flights.take().calls()).hasSize(4);
  }

  @Test
  void largeCallRunsAlone() {
    turnsAtOnce(GroupCommit.FEW_CALLS);

    assertThat(group.await(new Call(GroupCommit.MAX_BYTES + 1))).isEqualTo(Turn.ALONE);
  }

  @Test
  void groupOfOneLetsEachRunAlone() {
    group = groupOf(1, PATIENT);

    assertThat(turnsAtOnce(100)).containsOnly(Turn.ALONE);
  }

  @Test
  void interruptedCallThatWaitsRunsAloneAndTheOthersGoOn() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(16, 1);

    waiting.get(2).interrupt();

    assertThat(turn(2)).isEqualTo(Turn.ALONE);
    land(GroupCommit.FEW_CALLS - 1);
    assertThat(flights.take().calls()).hasSize(15);
  }

  @Test
  void callThatIsInterruptedWhileItsGroupRunsGivesUpAndTheOthersDoNot() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(15, 1);
    land(GroupCommit.FEW_CALLS - 1);
    Flight flight = flights.take();

    waiting.get(2).interrupt();

    assertThat(turn(2)).isEqualTo(Turn.INTERRUPTED);
    flight.answerAll();
    assertThat(turn(1)).isEqualTo(Turn.ANSWERED);
    assertThat(turn(3)).isEqualTo(Turn.ANSWERED);
  }

  @Test
  void interruptedThreadStaysInterrupted() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    Background<Boolean> interrupted =
        Background.of(
            () -> {
              Thread.currentThread().interrupt();
              Turn turn = group.await(new Call(1));
              return turn == Turn.ALONE && Thread.currentThread().isInterrupted();
            });

    assertThat(interrupted.value()).isTrue();
  }

  @Test
  void afterCloseEachRunsAlone() throws Exception {
    turnsAtOnce(GroupCommit.FEW_CALLS);
    begin(100, 1);

    group.close();

    for (int i = 0; i < 100; i++) {
      assertThat(turn(i)).isEqualTo(Turn.ALONE);
    }
    assertThat(group.await(new Call(1))).isEqualTo(Turn.ALONE);
    land(GroupCommit.FEW_CALLS);
  }
}
