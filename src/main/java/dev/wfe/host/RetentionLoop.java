package dev.wfe.host;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.retention.Purge;
import dev.wfe.retention.PurgeProgress;
import dev.wfe.retention.Retention;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Purges the store again and again, at a low rate: a batch of 100 rows about once a second while
 * there is something to delete, and a look every ten minutes otherwise. Hosts purge independently:
 * each row is deleted by one of them, and none waits for another. Used by one thread at a time.
 */
final class RetentionLoop {
  private static final Logger LOG = LoggerFactory.getLogger(RetentionLoop.class);
  private static final Duration BETWEEN_BATCHES = Duration.ofSeconds(1);
  private static final Duration BETWEEN_RUNS = Duration.ofMinutes(10);

  private final Purge purge;
  private final Listeners listeners;
  private Purge.Run run;

  RetentionLoop(PersistenceProvider provider, Retention retention, Listeners listeners) {
    this.listeners = listeners;
    purge = Purge.of(provider, retention).onProgress(this::deleted).build();
    run = purge.begin();
  }

  private void deleted(PurgeProgress done) {
    PurgeTarget.Kind kind = done.target().kind();
    if (done.deleted() > 0) {
      listeners.tell(listener -> listener.purged(kind, done.deleted()));
    }
  }

  /** Executes the next batch. Returns the pause after it. */
  Duration turn() {
    boolean more;
    try {
      more = run.step();
    } catch (IOException impossible) {
      throw new IllegalStateException("Nothing is exported", impossible);
    }
    if (more) {
      return jittered(BETWEEN_BATCHES);
    }
    if (run.total() > 0) {
      LOG.info("Purged {} workflows, events, errors and orphans", run.total());
    }
    run = purge.begin();
    return jittered(BETWEEN_RUNS);
  }

  /** Between half of the pause and one and a half times the pause. */
  private static Duration jittered(Duration pause) {
    double factor = 0.5 + ThreadLocalRandom.current().nextDouble();
    return Duration.ofNanos(Math.round(pause.toNanos() * factor));
  }
}
