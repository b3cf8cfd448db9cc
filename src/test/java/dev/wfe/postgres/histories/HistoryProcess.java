package dev.wfe.postgres.histories;

import dev.wfe.histories.workload.ProcessWorkers;
import dev.wfe.histories.workload.ThreadWorkers;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A host in a process of its own: {@code URL folder name seed threads}. It works on the store until
 * its input ends.
 */
public final class HistoryProcess {
  private static final long PATIENCE_SECONDS = 60;

  private HistoryProcess() {}

  /** Works, and ends; fails with a stack trace. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[1]);
    String name = arguments[2];
    long seed = Long.parseLong(arguments[3]);
    int threads = Integer.parseInt(arguments[4]);
    try (PostgresPersistenceProvider provider =
        connect(arguments[0], PostgresTestRun.WORKERS.toBuilder().poolSize(threads).build())) {
      ProcessWorkers.workUntilInputEnds(
          folder, name, new ThreadWorkers(folder, name, seed, threads, List.of(provider)));
    }
  }

  /** The server may be on its way up again. */
  private static PostgresPersistenceProvider connect(String url, PostgresOptions options) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        return PostgresPersistenceProvider.connect(url, options);
      } catch (StoreUnavailableException failure) {
        if (System.nanoTime() - deadline > 0) {
          throw failure;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
  }

  /** How to start one that works on the database by the URL. */
  public static ProcessWorkers.Launcher launcher(String url, int threads) {
    return (folder, name, seed) ->
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            HistoryProcess.class.getName(),
            url,
            folder.toString(),
            name,
            Long.toString(seed),
            Integer.toString(threads));
  }
}
