package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.sql.Operation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs work of the application in a transaction that it begins and ends. The transaction is
 * committed when the work returns, and rolled back when it throws. Thread-safe.
 */
public interface TransactionRunner {
  /** The name of the operation in messages. */
  String NAME = "inTransaction";

  /** The operation in messages. It writes, and nobody knows whether it is safe to repeat. */
  Operation OPERATION = Operation.writing(NAME, List.of());

  /** Work of the application. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    /** Does the work in the transaction, which is open until this returns. */
    T run(RunningTransaction transaction) throws Exception;
  }

  /**
   * Runs the work in a new transaction. The thread must not be in a transaction that the provider
   * would join.
   *
   * @throws Exception what the work threw, or a {@link dev.wfe.persistence.StoreException}
   */
  <T extends @Nullable Object> T run(Work<T> work) throws Exception;
}
