package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/**
 * Work that runs in one transaction of the store.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface TransactionWork<T extends @Nullable Object> {
  /**
   * Does the work.
   *
   * @throws Exception to have the transaction rolled back
   */
  T run(StoreTransaction transaction) throws Exception;
}
