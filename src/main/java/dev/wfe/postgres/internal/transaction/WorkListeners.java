package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.Registration;
import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.connection.WakeUpSessions;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.WakeUpSql;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners for due work of one provider, which other processes may wake, and which may wake
 * theirs. Thread-safe.
 */
public final class WorkListeners implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkListeners.class);
  private static final Operation NOTIFY = Operation.writing("notify", List.of());

  private final List<Entry> entries = new CopyOnWriteArrayList<>();
  private final @Nullable WakeUpSender sender;
  private final @Nullable WakeUpReceiver receiver;

  /** Tells other processes in a transaction whose commit is not observed; null if none does. */
  private final @Nullable String sentWithCommit;

  /** Listeners whom only operations of the provider call. */
  public WorkListeners() {
    sender = null;
    receiver = null;
    sentWithCommit = null;
  }

  /**
   * Listeners whom operations of all providers of the store call.
   *
   * @param scopes the transactions of the provider
   * @param transactional whether to send as part of a transaction whose commit is not observed
   */
  public WorkListeners(
      TransactionScopes scopes, WakeUpSessions sessions, WakeUpSql sql, boolean transactional) {
    String self = UUID.randomUUID().toString();
    StatementDeadlines deadlines = scopes.deadlines();
    sender = new WakeUpSender(sessions, deadlines, sql, self);
    receiver =
        new WakeUpReceiver(
            sessions, deadlines, sql, self, () -> !entries.isEmpty(), this::callListeners);
    sentWithCommit = transactional ? sql.sendWithCommit : null;
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
      changed();
    }
  }

  /** Adds a listener. */
  public Registration add(Runnable listener) {
    Entry entry = new Entry(listener);
    entries.add(entry);
    changed();
    return entry;
  }

  private void changed() {
    if (receiver != null) {
      receiver.wantedChanged();
    }
  }

  /**
   * Calls the listeners after the commit of the operation that has just ended in the scope. A
   * failure to do so is logged.
   *
   * @throws StoreException if the caller's transaction is to tell other processes with its commit,
   *     and cannot: the transaction has failed then
   */
  public void callAfterCommit(TransactionScope scope) {
    if (sentWithCommit != null && !scope.observesCommit()) {
      boolean unused =
          scope.run(
              NOTIFY,
              statements -> {
                statements.execute(sentWithCommit);
                return true;
              });
    } else if (sender != null || !entries.isEmpty()) {
      try {
        scope.afterCommit(this::call);
      } catch (RuntimeException failure) {
        LOG.warn("Listeners for due work could not be called", failure);
      }
    }
  }

  private void call() {
    if (sender != null) {
      sender.send();
    }
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
    if (sender != null) {
      sender.close();
    }
    if (receiver != null) {
      receiver.close();
    }
  }
}
