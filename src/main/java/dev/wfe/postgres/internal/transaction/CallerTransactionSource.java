package dev.wfe.postgres.internal.transaction;

import jakarta.persistence.EntityManager;
import java.sql.Connection;

/** A caller's transaction that operations join. As thread-safe as the transaction. */
@FunctionalInterface
public interface CallerTransactionSource {
  /** Returns a scope that runs operations in the transaction. */
  TransactionScope scope(StatementDeadlines deadlines);

  /** The transaction of an entity manager. */
  static CallerTransactionSource of(EntityManager entityManager) {
    return deadlines -> new EntityManagerTransaction(entityManager, deadlines);
  }

  /** The transaction of a connection. */
  static CallerTransactionSource of(Connection connection) {
    return deadlines -> new ConnectionTransaction(connection, deadlines);
  }
}
