package dev.wfe.host;

import java.sql.Connection;

/**
 * The database transaction of a step. What is written through it is committed together with the
 * step's outcome. Valid while the step executes; not thread-safe.
 */
public interface TransactionContext extends StepContext {
  /**
   * The connection of the transaction. The step must not commit it, roll it back or close it.
   *
   * @throws dev.wfe.persistence.InvalidValueException if the provider has none, such as the
   *     in-memory provider
   */
  default Connection connection() {
    return unwrap(Connection.class);
  }

  /**
   * Returns the object through which the application takes part in the transaction.
   *
   * @param type {@link Connection}, or {@code jakarta.persistence.EntityManager} if the provider
   *     was opened on an {@code EntityManagerFactory}
   * @throws dev.wfe.persistence.InvalidValueException if the provider has no object of this type
   */
  <T> T unwrap(Class<T> type);
}
