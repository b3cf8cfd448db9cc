package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the packaged program, its PostgreSQL or both at random moments from the very start to near
 * the end, and then lets it end. {@code -Dwfe.test.kills=} sets how often; {@code
 * -Dwfe.test.kills.seed=} repeats the choices of a run.
 */
class KillRestartIT {
  private static final int ORDERS = 800;
  private static final int KILLS = Integer.getInteger("wfe.test.kills", 3);

  /** The last kill comes when at most this part of the orders is complete, to be in the middle. */
  private static final double LAST_KILL = 0.85;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private enum Victim {
    PROGRAM,
    SERVER,
    BOTH
  }

  /**
   * When to kill what.
   *
   * @param completed how many orders are to be complete; below 0 for not waiting for any
   * @param after how long to wait after that
   */
  private record Kill(int completed, Duration after, Victim victim) {}

  @TempDir Path directory;

  private final List<PackagedProgram> started = new ArrayList<>();

  @Test
  void killedAtRandomMomentsItStillEndsWithItsCheckPassed(TestReporter reporter) throws Exception {
    long seed = Long.getLong("wfe.test.kills.seed", System.nanoTime());
    List<Kill> kills = kills(new Random(seed));
    reporter.publishEntry("wfe.test.kills.seed", Long.toString(seed));
    Files.writeString(directory.resolve("orders.jsonl"), orders());

    PackagedProgram program = start();
    for (Kill kill : kills) {
      boolean isThere = kill.completed() < 0 || program.awaitProgress(kill.completed(), PATIENCE);
      boolean isOver = !isThere || program.awaitEnd(kill.after());
      assertThat(isOver).as("seed %s: over before %s:%n%s", seed, kill, said()).isFalse();
      if (kill.victim() != Victim.PROGRAM) {
        killServer();
      }
      if (kill.victim() != Victim.SERVER) {
        program.kill();
        program = start();
      }
    }
    assertEndsWell(program, seed);
  }

  /** Two programs share one database. In turn, one of them is killed and started again. */
  @Test
  @ExtendWith(TestDatabaseExtension.class)
  void twoProgramsOnOneDatabaseSurviveKillsInTurn(
      @EmptyDatabase TestDatabase database, TestReporter reporter) throws Exception {
    long seed = Long.getLong("wfe.test.kills.seed", System.nanoTime());
    Random random = new Random(seed);
    reporter.publishEntry("wfe.test.kills.seed", Long.toString(seed));
    Files.writeString(directory.resolve("orders.jsonl"), orders());

    List<PackagedProgram> programs = new ArrayList<>(List.of(startOn(database), startOn(database)));
    for (int kill = 0; kill < KILLS; kill++) {
      int victim = kill % programs.size();
      int completed = (int) (LAST_KILL * ORDERS * kill / KILLS);
      assertThat(programs.get(victim).awaitProgress(completed, PATIENCE))
          .as("seed %s: over before kill %s:%n%s", seed, kill, said())
          .isTrue();
      assertThat(programs.get(victim).awaitEnd(Duration.ofMillis(random.nextInt(100)))).isFalse();
      programs.get(victim).kill();
      programs.set(victim, startOn(database));
    }
    for (PackagedProgram program : programs) {
      assertCompletes(program, seed);
    }
  }

  private PackagedProgram startOn(TestDatabase database) throws IOException {
    PackagedProgram program =
        PackagedProgram.startOn(database.url(), directory, "demo", "--orders", "orders.jsonl");
    started.add(program);
    return program;
  }

  private void assertCompletes(PackagedProgram program, long seed) throws Exception {
    assertThat(program.awaitEnd(PATIENCE)).as("seed %s: ends:%n%s", seed, said()).isTrue();
    assertThat(program.exitCode()).as("seed %s: exit code:%n%s", seed, said()).isZero();
    assertThat(program.output())
        .contains("Checked in the database: %s orders complete".formatted(ORDERS));
  }

  private void assertEndsWell(PackagedProgram program, long seed) throws Exception {
    assertCompletes(program, seed);
    assertThat(processes().isServerRunning()).as("a server is left running").isFalse();
  }

  /** The first while it unpacks and starts, one more while it starts, the others spread evenly. */
  private static List<Kill> kills(Random random) {
    List<Kill> kills = new ArrayList<>();
    kills.add(new Kill(-1, Duration.ofMillis(random.nextInt(6_000)), Victim.PROGRAM));
    int whileStarting = 1 + random.nextInt(KILLS / 2);
    for (int i = 1; i < KILLS; i++) {
      double part = (i - 1 + random.nextDouble()) / (KILLS - 1) * LAST_KILL;
      Victim victim = Victim.values()[random.nextInt(Victim.values().length)];
      kills.add(
          i == whileStarting
              ? new Kill(-1, Duration.ofMillis(random.nextInt(3_000)), Victim.PROGRAM)
              : new Kill((int) (part * ORDERS), Duration.ofMillis(random.nextInt(100)), victim));
    }
    return kills;
  }

  private PackagedProgram start() throws IOException {
    PackagedProgram program = PackagedProgram.start(directory, "demo", "--orders", "orders.jsonl");
    started.add(program);
    return program;
  }

  private ServerProcesses processes() throws IOException {
    return new ServerProcesses(ServerFolder.at(directory.resolve(".wfe")));
  }

  /** Does nothing while none runs: the number that a dead one noted may be another program's. */
  private void killServer() throws IOException {
    if (!processes().isServerRunning()) {
      return;
    }
    ServerFolder.at(directory.resolve(".wfe"))
        .notedPid()
        .flatMap(ProcessHandle::of)
        .ifPresent(ProcessHandle::destroyForcibly);
  }

  @AfterEach
  void leaveNothingRunning() throws Exception {
    for (PackagedProgram program : started) {
      program.kill();
    }
    processes().endAll();
  }

  private String said() {
    return started.stream().map(PackagedProgram::output).collect(Collectors.joining("\n----\n"));
  }

  private static String orders() {
    List<Optional<String>> failing =
        List.of(
            Optional.empty(),
            Optional.of("reserve-stock"),
            Optional.empty(),
            Optional.of("pack-goods"),
            Optional.of("ship"),
            Optional.empty(),
            Optional.of("close"));
    return IntStream.range(0, ORDERS)
        .mapToObj(
            n ->
                """
                {"id":"o%s","customer":"Ada","item":"tea","quantity":1,"amountCents":%s,\
                "orderedAt":"2026-03-01T10:15:00Z","paidAt":"2026-03-01T10:16:00Z",\
                "payment":"%s"%s}
                """
                    .formatted(
                        n,
                        n,
                        n % 2 == 0 ? "early" : "late",
                        failing
                            .get(n % failing.size())
                            .map(step -> ",\"failsOnceAt\":\"%s\"".formatted(step))
                            .orElse("")))
        .collect(Collectors.joining());
  }
}
