package dev.wfe.postgres.faults;

import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * Every fault, one after the other, under writers that go on. {@code -Dwfe.test.faults.seconds=…}
 * lets them come at random for so long, {@code -Dwfe.test.faults.seed=…} in the same order.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
final class FaultsTest {
  private static final long SECONDS = Long.getLong("wfe.test.faults.seconds", 0);
  private static final long SEED = Long.getLong("wfe.test.faults.seed", System.nanoTime());
  private static final int WRITERS = 4;
  private static final int WRITES = 20;
  private static final long PATIENCE_SECONDS = 60;

  @Test
  void nothingIsLostWhateverGoesWrong(TestReporter reporter) throws Exception {
    try (CrashableServer server = CrashableServer.started();
        FaultyProxy proxy = new FaultyProxy(server.jdbcUrl());
        PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(proxy.url())) {
      Writers writers = Writers.start(store, WRITERS);
      int strikes;
      try (writers) {
        writers.awaitAcknowledged(WRITES, PATIENCE_SECONDS);
        strikes = strike(faults(server, proxy), writers);
      }
      writers.assertNothingLost();
      reporter.publishEntry("faults", "%d faults, seed %d; %s".formatted(strikes, SEED, writers));
    }
  }

  private static List<Fault> faults(CrashableServer server, FaultyProxy proxy) throws IOException {
    Random random = new Random(SEED);
    return List.of(
        Faults.randomConnectionCut(proxy, random),
        Faults.randomSessionTerminated(server.jdbcUrl()),
        Faults.cutAfterRequest(proxy, sql -> sql.contains("\"wfc\".")),
        Faults.cutBeforeAnswer(proxy, sql -> sql.contains("\"wfc\".")),
        Faults.blackHole(proxy, Direction.TO_SERVER, Duration.ofMillis(100)),
        Faults.blackHole(proxy, Direction.TO_CLIENT, Duration.ofMillis(100)),
        Faults.killAndRestart(server),
        Faults.stopAndRestart(server));
  }

  private static int strike(List<Fault> faults, Writers writers) throws Exception {
    int strikes = 0;
    for (Fault fault : faults) {
      strike(fault, writers);
      strikes++;
    }
    Random random = new Random(SEED);
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    while (System.nanoTime() - end < 0) {
      strike(faults.get(random.nextInt(faults.size())), writers);
      strikes++;
    }
    return strikes;
  }

  private static void strike(Fault fault, Writers writers) throws Exception {
    try {
      fault.strike();
      writers.awaitAcknowledged(WRITES, PATIENCE_SECONDS);
    } catch (Exception | AssertionError failure) {
      throw new AssertionError("After: " + fault.name() + ", seed " + SEED, failure);
    }
  }
}
