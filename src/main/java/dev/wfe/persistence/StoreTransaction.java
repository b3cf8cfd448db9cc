package dev.wfe.persistence;

/** An open transaction of the store. Valid until the work that received it returns. */
public interface StoreTransaction {
  /** The operations of the provider in this transaction. */
  PersistenceProvider provider();

  /**
   * Returns the object through which the application takes part in the transaction.
   *
   * @param type {@code java.sql.Connection} or {@code jakarta.persistence.EntityManager}. Neither
   *     may be committed, rolled back or closed by the caller
   * @throws InvalidValueException if the provider has no object of this type; not retryable
   */
  <T> T unwrap(Class<T> type);
}
