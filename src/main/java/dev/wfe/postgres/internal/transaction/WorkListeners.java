package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.Registration;
import dev.wfe.persistence.StoreException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners for due work of one provider, which other processes may wake, and which may wake
 * theirs. Thread-safe.
 */
public final class WorkListeners implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkListeners.class);

  private final List<Entry> entries = new CopyOnWriteArrayList<>();
  private final WakeUps wakeUps;

  /** Listeners whom operations of the provider call, and others that send wake-ups. */
  public WorkListeners(WakeUps.Factory factory) {
    wakeUps = factory.create(() -> !entries.isEmpty(), this::callListeners);
  }

  /** Two registrations of the same listener are two. */
  private final class Entry implements Registration {
    private final Runnable listener;

    Entry(Runnable listener) {
      this.listener = listener;
    }

    @Override
    public void close() {
      entries.remove(this);
      wakeUps.wantedChanged();
    }
  }

  /** Adds a listener. */
  public Registration add(Runnable listener) {
    Entry entry = new Entry(listener);
    entries.add(entry);
    wakeUps.wantedChanged();
    return entry;
  }

  /**
   * Calls the listeners after the commit of the operation that has just ended in the scope. A
   * failure to do so is logged.
   *
   * @throws StoreException if the caller's transaction is to tell other processes with its commit,
   *     and cannot: the transaction has failed then
   */
  public void callAfterCommit(TransactionScope scope) {
    if (!scope.observesCommit() && wakeUps.sendWithCommit(scope)) {
      return;
    }
    if (wakeUps.sends() || !entries.isEmpty()) {
      try {
        scope.afterCommit(this::call);
      } catch (RuntimeException failure) {
        LOG.warn("Listeners for due work could not be called", failure);
      }
    }
  }

  private void call() {
    wakeUps.send();
    callListeners();
  }

  private void callListeners() {
    for (Entry entry : entries) {
      try {
        entry.listener.run();
      } catch (RuntimeException | Error thrown) {
        LOG.warn("A listener for due work failed", thrown);
      }
    }
  }

  /** Sends what other processes are still to be told, and stops listening to them. */
  @Override
  public void close() {
    wakeUps.close();
  }
}
