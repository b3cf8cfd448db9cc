package dev.wfe.persistence;

import dev.wfe.model.ExecutionError;
import java.util.List;

/** All operations on workflow state. Thread-safe. */
public interface PersistenceProvider
    extends WorkflowRepository,
        EventRepository,
        SubscriptionRepository,
        ScheduledCommandRepository {
  /**
   * Stores the errors in one atomic write and one round trip. Does nothing for an empty list.
   *
   * @throws InvalidValueException if a field cannot be stored, or the list or an element is null;
   *     not retryable
   */
  void persistErrors(List<ExecutionError> errors);

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
