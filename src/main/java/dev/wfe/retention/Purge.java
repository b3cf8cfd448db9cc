package dev.wfe.retention;

import dev.wfe.persistence.Position;
import dev.wfe.persistence.PurgeBatch;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.RecordPage;
import dev.wfe.persistence.RetentionRepository;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what a {@link Retention} does not keep, in batches, each in a transaction of its own,
 * with a pause between them. Several purges may work on one store at the same time, in any number
 * of processes: each row is deleted by one of them. A purge that was interrupted or has failed has
 * deleted complete batches; another one goes on.
 *
 * <p>With a sink, it exports what it deletes. Nothing is deleted before the sink has flushed its
 * line. If the purge is interrupted between the flush and the delete, another purge writes the line
 * again. Orphans are not exported, so a purge with a sink refuses them.
 *
 * <p>Immutable and as thread-safe as the store, the sink and the listener.
 */
public final class Purge {
  private final RetentionRepository store;
  private final List<PurgeTarget> targets;
  private final int batchSize;
  private final Duration pause;
  private final @Nullable ExportSink sink;
  private final Consumer<PurgeProgress> progress;

  private Purge(Builder builder) {
    store = builder.store;
    targets = builder.retention.targets();
    batchSize = builder.batchSize;
    pause = builder.pause;
    sink = builder.sink;
    progress = builder.progress;
  }

  /** Begins a purge of the store. */
  public static Builder of(RetentionRepository store, Retention retention) {
    return new Builder(
        Objects.requireNonNull(store, "store"), Objects.requireNonNull(retention, "retention"));
  }

  /**
   * What the purge would delete now. It changes nothing.
   *
   * @param target what is counted
   * @param count how many rows match the target, at most the limit
   * @param isExact whether there are no more
   */
  public record Count(PurgeTarget target, int count, boolean isExact) {}

  /**
   * Counts what the purge would delete now, each target up to the limit, and deletes nothing.
   *
   * @param limit at least 1
   * @throws dev.wfe.persistence.InvalidValueException if an age or the limit is out of range; not
   *     retryable
   */
  public List<Count> dryRun(int limit) {
    List<Count> counts = new ArrayList<>();
    for (PurgeTarget target : targets) {
      int count = store.getPurgeableCount(target, limit);
      counts.add(new Count(target, count, count < limit));
    }
    return counts;
  }

  /**
   * Purges until nothing is left to delete.
   *
   * @return how many workflows, events, errors and orphans it deleted
   * @throws InterruptedException if the thread is interrupted between two batches
   * @throws IOException what the sink threw; what it did not flush was not deleted
   * @throws dev.wfe.persistence.InvalidValueException if an age is out of range, or orphans are to
   *     be exported; not retryable
   * @throws dev.wfe.persistence.StoreUnavailableException if the database cannot be reached; purge
   *     again
   */
  public long run() throws InterruptedException, IOException {
    Run run = begin();
    boolean more = !targets.isEmpty();
    while (more) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      more = run.step();
      if (more) {
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
      }
    }
    return run.total();
  }

  /** Begins a run whose batches the caller executes one by one. */
  public Run begin() {
    return new Run();
  }

  /** One run through all targets. Not thread-safe. */
  public final class Run {
    private int index;
    private @Nullable Position after;
    private long total;

    private Run() {}

    /** How many workflows, events, errors and orphans were deleted until now. */
    public long total() {
      return total;
    }

    /**
     * Executes the next batch.
     *
     * @return whether the run is not over
     * @throws IOException what the sink threw
     */
    public boolean step() throws IOException {
      if (index == targets.size()) {
        return false;
      }
      PurgeTarget target = targets.get(index);
      PurgeBatch batch =
          sink == null ? store.purge(target, batchSize, after) : export(target, sink);
      total += batch.deleted();
      after = batch.next();
      if (after == null) {
        index++;
      }
      progress.accept(new PurgeProgress(target, batch.deleted(), total));
      return index < targets.size();
    }

    private PurgeBatch export(PurgeTarget target, ExportSink to) throws IOException {
      RecordPage page = store.getPurgeableRecords(target, batchSize, Export.PAGE_BYTES, after);
      if (page.records().isEmpty()) {
        return new PurgeBatch(0, page.next());
      }
      Export.write(page, to);
      to.flush();
      return new PurgeBatch(store.purge(target, page.records()), page.next());
    }
  }

  /** Builds {@link Purge}; not thread-safe. */
  public static final class Builder {
    private final RetentionRepository store;
    private final Retention retention;
    private int batchSize = 100;
    private Duration pause = Duration.ofMillis(100);
    private @Nullable ExportSink sink;
    private Consumer<PurgeProgress> progress = done -> {};

    private Builder(RetentionRepository store, Retention retention) {
      this.store = store;
      this.retention = retention;
    }

    /**
     * Sets how many rows a batch looks at: 100 by default.
     *
     * @param rows 1 to {@value RetentionRepository#MAX_LIMIT}
     */
    public Builder batchSize(int rows) {
      if (rows < 1 || rows > RetentionRepository.MAX_LIMIT) {
        throw new IllegalArgumentException(
            "batchSize is %s, not between 1 and %s".formatted(rows, RetentionRepository.MAX_LIMIT));
      }
      batchSize = rows;
      return this;
    }

    /**
     * Sets the pause between two batches: 100 ms by default.
     *
     * @param duration 0 to 1 hour
     */
    public Builder pause(Duration duration) {
      if (duration.isNegative() || duration.compareTo(Duration.ofHours(1)) > 0) {
        throw new IllegalArgumentException(
            "pause is %s, not between 0 and 1 hour".formatted(duration));
      }
      pause = duration;
      return this;
    }

    /** Exports what is deleted. */
    public Builder exportTo(ExportSink lines) {
      sink = Objects.requireNonNull(lines, "lines");
      return this;
    }

    /** Sets a listener that is called after each batch, by the thread that purges. */
    public Builder onProgress(Consumer<PurgeProgress> listener) {
      progress = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** Builds the purge, which deletes nothing until it is run. */
    public Purge build() {
      return new Purge(this);
    }
  }
}
