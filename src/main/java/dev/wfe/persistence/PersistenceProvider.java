package dev.wfe.persistence;

import dev.wfe.model.ExecutionError;
import java.util.List;

/** All verbs of a store. Thread-safe. */
public interface PersistenceProvider
    extends WorkflowRepository,
        EventRepository,
        SubscriptionRepository,
        ScheduledCommandRepository {
  /**
   * Stores the errors, all or nothing, in one round trip; does nothing for an empty list.
   *
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  void persistErrors(List<ExecutionError> errors);

  /**
   * Creates the store or brings it up to date. Repeatable, and safe when many processes do it at
   * once: one works, the others wait.
   *
   * @throws StoreSetupException if it cannot be done; the message says what to do; not retryable
   * @throws CallerTransactionException from a view of a caller's transaction; not retryable
   */
  void ensureStoreExists();
}
