package dev.wfe.postgres.histories;

import dev.wfe.histories.TestRunner;
import dev.wfe.histories.workload.ProcessWorkers;
import dev.wfe.histories.workload.ThreadWorkers;
import dev.wfe.histories.workload.Workers;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Histories with threads, processes and killed sessions. For duration and seed see {@link
 * TestRunner}.
 */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(value = 12, unit = TimeUnit.HOURS)
final class PostgresHistoriesTest {
  private static final int THREADS = 16;

  /**
   * Milliseconds between two faults at most. A new process works for some time before it is killed.
   */
  private static final int NONE = 1;

  private static final int OFTEN = 40;
  private static final int NOW_AND_THEN = 1_500;

  private static final int PROCESSES = 3;
  private static final int THREADS_PER_PROCESS = 4;

  private final TestDatabase database;

  PostgresHistoriesTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void theStoreKeepsItsPromisesToThreads() throws Exception {
    TestRunner.check(
        "threads",
        new PostgresTestRun(database.url(), NONE, (folder, seed, faults) -> threads(folder, seed)));
  }

  @Test
  void theStoreKeepsItsPromisesToProcesses() throws Exception {
    TestRunner.check(
        "processes",
        new PostgresTestRun(
            database.url(), NONE, (folder, seed, faults) -> processes(folder, seed)));
  }

  @Test
  void theStoreKeepsItsPromisesWhileSessionsAreTerminated() throws Exception {
    TestRunner.check(
        "terminated-sessions",
        new PostgresTestRun(
            database.url(),
            OFTEN,
            (folder, seed, faults) -> {
              faults.add(new TerminatedSessions(database));
              return processes(folder, seed);
            }));
  }

  @Test
  void theStoreKeepsItsPromisesWhileProcessesAreKilled() throws Exception {
    TestRunner.check(
        "killed-processes",
        new PostgresTestRun(
            database.url(),
            NOW_AND_THEN,
            (folder, seed, faults) -> {
              ProcessWorkers workers = processes(folder, seed);
              faults.add(workers.killing(new Random(seed)));
              return workers;
            }));
  }

  private ProcessWorkers processes(Path folder, long seed) throws IOException {
    return new ProcessWorkers(
        folder, seed, PROCESSES, HistoryProcess.launcher(database.url(), THREADS_PER_PROCESS));
  }

  /** Two hosts in this process, one with so many threads that their writes share commits. */
  private Workers threads(Path folder, long seed) {
    PostgresPersistenceProvider one = host(seed % 2 == 0 ? 2 : 128);
    PostgresPersistenceProvider other = host(1);
    ThreadWorkers workers =
        new ThreadWorkers(folder, "w", seed, THREADS, List.of(one, one, one, other));
    return new Workers() {
      @Override
      public void stop() throws Exception {
        workers.stop();
      }

      @Override
      public void close() {
        workers.close();
        one.close();
        other.close();
      }
    };
  }

  private PostgresPersistenceProvider host(int groupSize) {
    return PostgresPersistenceProvider.connect(
        database.url(),
        PostgresTestRun.WORKERS.toBuilder().poolSize(THREADS / 2).groupSize(groupSize).build());
  }
}
