package dev.wfe.postgres.internal.transaction;

import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.util.function.Consumer;

/** A caller's transaction that operations join. As thread-safe as the transaction. */
@FunctionalInterface
public interface CallerTransactionSource {
  /** Returns a scope that runs operations in the transaction. */
  TransactionScope scope(StatementDeadlines deadlines);

  /** The transaction of an entity manager. */
  static CallerTransactionSource of(EntityManager entityManager) {
    return deadlines -> new EntityManagerTransaction(entityManager, deadlines);
  }

  /** The transaction of a connection whose commit cannot be observed. */
  static CallerTransactionSource of(Connection connection) {
    return deadlines -> new ConnectionTransaction(connection, null, deadlines);
  }

  /**
   * The transaction of a connection.
   *
   * @param afterCommit registers a callback that is to run after the commit
   */
  static CallerTransactionSource of(Connection connection, Consumer<Runnable> afterCommit) {
    return deadlines -> new ConnectionTransaction(connection, afterCommit, deadlines);
  }
}
