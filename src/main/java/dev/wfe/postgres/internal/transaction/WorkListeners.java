package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.Registration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners for due work of one provider. Thread-safe. */
public final class WorkListeners {
  private static final Logger LOG = LoggerFactory.getLogger(WorkListeners.class);

  private final List<Entry> entries = new CopyOnWriteArrayList<>();

  /** Two registrations of the same listener are two. */
  private final class Entry implements Registration {
    private final Runnable listener;

    Entry(Runnable listener) {
      this.listener = listener;
    }

    @Override
    public void close() {
      entries.remove(this);
    }
  }

  /** Adds a listener. */
  public Registration add(Runnable listener) {
    Entry entry = new Entry(listener);
    entries.add(entry);
    return entry;
  }

  /**
   * Calls the listeners after the commit of the operation that has just ended in the scope. Affects
   * no operation: a failure is logged.
   */
  public void callAfterCommit(TransactionScope scope) {
    if (entries.isEmpty()) {
      return;
    }
    try {
      scope.afterCommit(this::call);
    } catch (RuntimeException failure) {
      LOG.warn("Listeners for due work could not be called", failure);
    }
  }

  private void call() {
    for (Entry entry : entries) {
      try {
        entry.listener.run();
      } catch (RuntimeException | Error thrown) {
        LOG.warn("A listener for due work failed", thrown);
      }
    }
  }
}
