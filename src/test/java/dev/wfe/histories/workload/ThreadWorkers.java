package dev.wfe.histories.workload;

import dev.wfe.histories.Recorder;
import dev.wfe.persistence.PersistenceProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads of this process, each with its own recorder. */
public final class ThreadWorkers implements Workers {
  private static final long PATIENCE_SECONDS = 120;

  private final ExecutorService executor;
  private final List<Future<?>> running = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * At work when this returns.
   *
   * @param name the beginning of the records' names
   * @param providers the store as different hosts see it; the threads take turns in them
   */
  public ThreadWorkers(
      Path folder,
      String name,
      long seed,
      int threads,
      List<? extends PersistenceProvider> providers) {
    executor = Executors.newFixedThreadPool(threads);
    for (int i = 0; i < threads; i++) {
      PersistenceProvider provider = providers.get(i % providers.size());
      String record = "%s.%s".formatted(name, i);
      long seedOfOne = seed * 31 + i;
      running.add(
          executor.submit(
              () -> {
                try (Recorder recorder = new Recorder(folder, record)) {
                  new Worker(provider, recorder, seedOfOne, this::isStopped).run();
                }
              }));
    }
  }

  private boolean isStopped() {
    return stopped;
  }

  @Override
  public void stop() throws Exception {
    stopped = true;
    for (Future<?> one : running) {
      one.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    stopped = true;
    executor.shutdownNow();
  }
}
