package dev.wfe.host;

/**
 * A step in a database transaction that returns nothing.
 *
 * @param <D> the class of the workflow's data
 */
@FunctionalInterface
public interface TransactionAction<D> {
  /**
   * Executes the step. It may be executed again after its transaction was rolled back.
   *
   * @param data the workflow's data as last stored; changes to it are not stored
   * @throws Exception to have the transaction rolled back, and the step attempted again as its
   *     {@link RetryPolicy} says
   */
  void run(D data, TransactionContext transaction) throws Exception;
}
