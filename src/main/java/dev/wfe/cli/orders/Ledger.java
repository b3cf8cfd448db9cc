package dev.wfe.cli.orders;

import dev.wfe.host.TransactionContext;

/** The application's own table, to which steps write. Thread-safe. */
@FunctionalInterface
public interface Ledger {
  /**
   * Adds an entry for the workflow and the step, in the step's transaction.
   *
   * @return the number of the entry
   */
  long book(TransactionContext transaction) throws Exception;
}
