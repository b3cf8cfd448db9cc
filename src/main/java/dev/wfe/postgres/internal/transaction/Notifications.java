package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.connection.WakeUpSessions;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.WakeUpSql;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Wake-ups by PostgreSQL's {@code NOTIFY} and {@code LISTEN}. Thread-safe. */
public final class Notifications implements WakeUps {
  private static final Operation NOTIFY = Operation.writing("notify", List.of());

  private final WakeUpSender sender;
  private final WakeUpReceiver receiver;

  /** Null if transactions whose commit is not observed tell nobody. */
  private final @Nullable String sentWithCommit;

  private Notifications(
      TransactionScopes scopes,
      WakeUpSessions sessions,
      WakeUpSql sql,
      boolean transactional,
      BooleanSupplier wanted,
      Runnable wakeUp) {
    String self = UUID.randomUUID().toString();
    StatementDeadlines deadlines = scopes.deadlines();
    sender = new WakeUpSender(sessions, deadlines, sql, self);
    receiver = new WakeUpReceiver(sessions, deadlines, sql, self, wanted, wakeUp);
    sentWithCommit = transactional ? sql.sendWithCommit : null;
  }

  /**
   * Notifications of all providers of the store.
   *
   * @param scopes the transactions of the provider
   * @param transactional whether to send as part of a transaction whose commit is not observed
   */
  public static Factory of(
      TransactionScopes scopes, WakeUpSessions sessions, WakeUpSql sql, boolean transactional) {
    return (wanted, wakeUp) ->
        new Notifications(scopes, sessions, sql, transactional, wanted, wakeUp);
  }

  @Override
  public boolean sends() {
    return true;
  }

  @Override
  public void send() {
    sender.send();
  }

  @Override
  public boolean sendWithCommit(TransactionScope scope) {
    return sentWithCommit != null
        && scope.run(
            NOTIFY,
            statements -> {
              statements.execute(sentWithCommit);
              return true;
            });
  }

  @Override
  public void wantedChanged() {
    receiver.wantedChanged();
  }

  @Override
  public void close() {
    sender.close();
    receiver.close();
  }
}
