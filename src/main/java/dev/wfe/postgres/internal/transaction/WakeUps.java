package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreException;
import java.util.function.BooleanSupplier;

/**
 * How hosts of other processes are told that work is due, and how they tell this one. What is told
 * is a hint: it may be lost, and it may come without work. Thread-safe.
 */
public interface WakeUps extends AutoCloseable {
  /** Nobody is told, and nobody tells. */
  Factory NONE =
      (wanted, wakeUp) ->
          new WakeUps() {
            @Override
            public boolean sends() {
              return false;
            }

            @Override
            public void send() {}

            @Override
            public boolean sendWithCommit(TransactionScope scope) {
              return false;
            }

            @Override
            public void wantedChanged() {}

            @Override
            public void close() {}
          };

  /** Begins to tell and to listen. */
  @FunctionalInterface
  interface Factory {
    /**
     * Begins.
     *
     * @param wanted whether this process wants to be told
     * @param wakeUp is called when it is told, and whenever something may have been missed; throws
     *     nothing
     */
    WakeUps create(BooleanSupplier wanted, Runnable wakeUp);
  }

  /** Whether others are told at all. */
  boolean sends();

  /** Tells them soon, without waiting for it. To be called after the commit. */
  void send();

  /**
   * Tells them as part of the transaction, whose commit is not observed.
   *
   * @return false if that is not done
   * @throws StoreException if it cannot be done: the transaction has failed then
   */
  boolean sendWithCommit(TransactionScope scope);

  /** To be called when it may have changed whether this process wants to be told. Does not wait. */
  void wantedChanged();

  /** Sends what others are still to be told, and stops listening to them. */
  @Override
  void close();
}
