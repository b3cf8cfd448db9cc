package dev.wfe.memory;

import dev.wfe.persistence.Registration;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Those who want to know that work is due. Thread-safe. */
final class WorkListeners {
  private static final Logger LOG = System.getLogger(InMemoryPersistenceProvider.class.getName());

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

  Registration add(Runnable listener) {
    Entry entry = new Entry(listener);
    entries.add(entry);
    return entry;
  }

  /** Calls the listeners. One that throws harms nobody. */
  void call() {
    for (Entry entry : entries) {
      try {
        entry.listener.run();
      } catch (RuntimeException | Error thrown) {
        LOG.log(Level.WARNING, "A listener for due work failed", thrown);
      }
    }
  }
}
