package dev.wfe.postgres;

import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.transaction.CallerTransactionSource;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.util.function.Consumer;

/**
 * A transaction that the caller began and will end, and that the provider joins. As thread-safe as
 * the entity manager or connection.
 */
public final class OpenTransaction {
  private final CallerTransactionSource caller;

  private OpenTransaction(CallerTransactionSource caller) {
    this.caller = caller;
  }

  /**
   * The transaction of the entity manager; see {@link
   * PostgresPersistenceProvider#within(EntityManager)}.
   */
  public static OpenTransaction of(EntityManager entityManager) {
    return new OpenTransaction(
        CallerTransactionSource.of(ValueLimits.nonNull("of", "entityManager", entityManager)));
  }

  /**
   * The transaction of the connection; see {@link PostgresPersistenceProvider#within(Connection)}.
   */
  public static OpenTransaction of(Connection connection) {
    return new OpenTransaction(
        CallerTransactionSource.of(ValueLimits.nonNull("of", "connection", connection)));
  }

  /**
   * As {@link #of(Connection)}, for a transaction whose commit the caller can observe. The
   * callbacks that the provider registers call the listeners of {@link
   * PostgresPersistenceProvider#onWorkDue}.
   *
   * @param afterCommit registers a callback that has to be run after the commit, and not after a
   *     rollback; called in the thread of the operation
   */
  public static OpenTransaction of(Connection connection, Consumer<Runnable> afterCommit) {
    return new OpenTransaction(
        CallerTransactionSource.of(
            ValueLimits.nonNull("of", "connection", connection),
            ValueLimits.nonNull("of", "afterCommit", afterCommit)));
  }

  CallerTransactionSource caller() {
    return caller;
  }
}
