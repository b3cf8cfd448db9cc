package dev.wfe.persistence;

import dev.wfe.model.ExecutionError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All operations on workflow state. Thread-safe. */
public interface PersistenceProvider
    extends WorkflowRepository,
        EventRepository,
        SubscriptionRepository,
        ScheduledCommandRepository,
        LeaseRepository,
        WorkflowQueries,
        HostRepository,
        RetentionRepository {
  /**
   * Stores the errors in one atomic write and one round trip. Does nothing for an empty list.
   *
   * @return the ids of the errors, in order
   * @throws InvalidValueException if a field cannot be stored, or the list or an element is null;
   *     not retryable
   */
  List<Long> persistErrors(List<ExecutionError> errors);

  /**
   * Runs the work in a transaction of its own, in the calling thread. The transaction is committed
   * when the work returns, and rolled back when it throws anything. The provider repeats nothing.
   *
   * @return the result of the work
   * @throws Exception what the work threw
   * @throws UnknownOutcomeException if the connection broke during the commit; not retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws CallerTransactionException if it is called in a caller's transaction; not retryable
   */
  <T extends @Nullable Object> T inTransaction(TransactionWork<T> work) throws Exception;

  /**
   * Registers a listener that is called after an operation has made work due, of this provider or
   * of another one on the same store, also in another process: a workflow was created or written
   * and is due, an event was published or became unprocessed again, a lease on due work ended, a
   * subscription with data was added, which workers may take, or such a subscription was given
   * back. It is called after the commit, in any thread; after a caller's commit only where the
   * provider can observe it. It is a hint: calls may be spurious or missing, and one call may stand
   * for much work, so hosts poll as well. Whether other processes are heard depends on the
   * provider's options. The listener must return quickly and not throw.
   */
  Registration onWorkDue(Runnable listener);

  /**
   * Creates the store or upgrades it to the current version. Idempotent, and safe when many
   * processes call it at once: one does the work, the others wait for it.
   *
   * @throws StoreSetupException if the store cannot be created or upgraded; the message says what
   *     to do; not retryable
   * @throws CallerTransactionException if it is called in a caller's transaction; not retryable
   */
  void ensureStoreExists();
}
