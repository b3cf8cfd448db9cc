package dev.wfe.postgres.internal.transaction;

import jakarta.persistence.EntityManager;
import java.sql.Connection;

/** A transaction of the caller's that operations join. As thread-safe as the transaction. */
@FunctionalInterface
public interface CallerTransactionSource {
  /** Runs operations in the transaction. */
  TransactionScope scope(StatementDeadlines deadlines);

  /** That of an entity manager. */
  static CallerTransactionSource of(EntityManager entityManager) {
    return deadlines -> new EntityManagerTransaction(entityManager, deadlines);
  }

  /** That of a connection. */
  static CallerTransactionSource of(Connection connection) {
    return deadlines -> new ConnectionTransaction(connection, deadlines);
  }
}
