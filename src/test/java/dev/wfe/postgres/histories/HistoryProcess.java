package dev.wfe.postgres.histories;

import dev.wfe.histories.ProcessWorkers;
import dev.wfe.histories.ThreadWorkers;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.nio.file.Path;
import java.util.List;

/**
 * A host in a process of its own: {@code URL folder name seed threads}. It works on the store until
 * its input ends.
 */
public final class HistoryProcess {
  private HistoryProcess() {}

  /** Works, and ends; fails with a stack trace. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[1]);
    String name = arguments[2];
    long seed = Long.parseLong(arguments[3]);
    int threads = Integer.parseInt(arguments[4]);
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(
            arguments[0], PostgresStage.WORKERS.withPoolSize(threads))) {
      ProcessWorkers.workUntilInputEnds(
          folder, name, new ThreadWorkers(folder, name, seed, threads, List.of(provider)));
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
