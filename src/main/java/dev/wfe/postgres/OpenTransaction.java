package dev.wfe.postgres;

import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.transaction.CallerTransactionSource;
import jakarta.persistence.EntityManager;
import java.sql.Connection;

/**
 * A transaction that something else began and will end, for a provider to join. As thread-safe as
 * what it is on.
 */
public final class OpenTransaction {
  private final CallerTransactionSource caller;

  private OpenTransaction(CallerTransactionSource caller) {
    this.caller = caller;
  }

  /** As {@link PostgresPersistenceProvider#within(EntityManager)} has it. */
  public static OpenTransaction of(EntityManager entityManager) {
    return new OpenTransaction(
        CallerTransactionSource.of(ValueLimits.nonNull("of", "entityManager", entityManager)));
  }

  /** As {@link PostgresPersistenceProvider#within(Connection)} has it. */
  public static OpenTransaction of(Connection connection) {
    return new OpenTransaction(
        CallerTransactionSource.of(ValueLimits.nonNull("of", "connection", connection)));
  }

  CallerTransactionSource caller() {
    return caller;
  }
}
