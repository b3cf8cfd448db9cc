package dev.wfe.host;

import org.jspecify.annotations.Nullable;

/**
 * A step in a database transaction that returns an output.
 *
 * @param <D> the class of the workflow's data
 * @param <R> the class of the output
 */
@FunctionalInterface
public interface TransactionFunction<D, R extends @Nullable Object> {
  /**
   * Executes the step. It may be executed again after its transaction was rolled back.
   *
   * @param data the workflow's data as last stored; changes to it are not stored
   * @return the output, which is passed to the step's merge function
   * @throws Exception to have the transaction rolled back, and the step attempted again as its
   *     {@link RetryPolicy} says
   */
  R call(D data, TransactionContext transaction) throws Exception;
}
