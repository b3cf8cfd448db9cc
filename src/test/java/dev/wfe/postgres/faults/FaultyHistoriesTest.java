package dev.wfe.postgres.faults;

import dev.wfe.histories.TestRunner;
import dev.wfe.histories.workload.ProcessWorkers;
import dev.wfe.postgres.faults.network.FaultyProxy;
import dev.wfe.postgres.faults.server.CrashableServer;
import dev.wfe.postgres.histories.HistoryProcess;
import dev.wfe.postgres.histories.PostgresTestRun;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Histories under all faults. For duration and seed see {@link TestRunner}. */
@Timeout(value = 12, unit = TimeUnit.HOURS)
final class FaultyHistoriesTest {
  private static final int MAX_PAUSE_MILLIS = 500;
  private static final int PROCESSES = 2;
  private static final int THREADS_PER_PROCESS = 4;

  @Test
  void theStoreKeepsItsPromisesWhileConnectionsAndServerAndHostsFail() throws Exception {
    try (CrashableServer server = CrashableServer.started();
        FaultyProxy proxy = new FaultyProxy(server.jdbcUrl())) {
      TestRunner.check(
          "all-faults",
          new PostgresTestRun(
              server.jdbcUrl(),
              MAX_PAUSE_MILLIS,
              (folder, seed, faults) -> {
                ProcessWorkers workers =
                    new ProcessWorkers(
                        folder,
                        seed,
                        PROCESSES,
                        HistoryProcess.launcher(proxy.url(), THREADS_PER_PROCESS));
                faults.addAll(Faults.all(server, proxy, new Random(seed)));
                faults.add(workers.killing(new Random(seed)));
                return workers;
              }));
    }
  }
}
