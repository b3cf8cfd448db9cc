package dev.wfe.postgres.internal.store;

import dev.wfe.postgres.internal.sql.Deadlines;
import jakarta.persistence.EntityManager;
import java.sql.Connection;

/** Somebody whose transaction is joined. As thread-safe as what the transaction is on. */
@FunctionalInterface
public interface Caller {
  /** Work in the transaction, its statements limited. */
  Database database(Deadlines deadlines);

  /** In the transaction of an entity manager. */
  static Caller of(EntityManager entityManager) {
    return deadlines -> new EntityManagerTransaction(entityManager, deadlines);
  }

  /** In the transaction of a connection. */
  static Caller of(Connection connection) {
    return deadlines -> new ConnectionTransaction(connection, deadlines);
  }
}
