package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreSetupException;
import jakarta.transaction.InvalidTransactionException;
import jakarta.transaction.Status;
import jakarta.transaction.SystemException;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.transaction.jta.platform.spi.JtaPlatform;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorBuilder;
import org.jspecify.annotations.Nullable;

/** Access to the container's JTA transactions. Thread-safe. */
public final class JtaManager {
  private static final Set<Integer> NO_TRANSACTION =
      Set.of(Status.STATUS_NO_TRANSACTION, Status.STATUS_COMMITTED);

  private final TransactionManager manager;

  private JtaManager(TransactionManager manager) {
    this.manager = manager;
  }

  /**
   * Wraps the transaction manager.
   *
   * @param manager the transaction manager, or null if Hibernate detected none
   * @throws StoreSetupException if it is null
   */
  public static JtaManager of(@Nullable TransactionManager manager) {
    if (manager == null) {
      throw new StoreSetupException(
          "Hibernate found no JTA transaction manager: set hibernate.transaction.jta.platform to"
              + " the platform of the container",
          null);
    }
    return new JtaManager(manager);
  }

  /**
   * Wraps the transaction manager of the session factory; empty if the factory does not use JTA.
   *
   * @throws StoreSetupException if the factory uses JTA and Hibernate detected no transaction
   *     manager
   */
  public static Optional<JtaManager> of(SessionFactoryImplementor factory) {
    var services = factory.getServiceRegistry();
    return services.requireService(TransactionCoordinatorBuilder.class).isJta()
        ? Optional.of(of(services.requireService(JtaPlatform.class).retrieveTransactionManager()))
        : Optional.empty();
  }

  /**
   * Whether a transaction is associated with the thread. It may be marked for rollback or already
   * rolled back: a transaction that times out is rolled back while its thread still works.
   */
  boolean isInTransaction() {
    return !NO_TRANSACTION.contains(status());
  }

  /** Whether the thread's transaction accepts further work. */
  boolean isActive() {
    return status() == Status.STATUS_ACTIVE;
  }

  private int status() {
    try {
      return manager.getStatus();
    } catch (SystemException failure) {
      throw failed(failure);
    }
  }

  /** Runs the work while the thread's transaction, if there is one, is suspended. */
  void runSuspended(Runnable work) {
    var unused =
        suspended(
            () -> {
              work.run();
              return Optional.empty();
            });
  }

  /** Runs the work while the thread's transaction, if there is one, is suspended. */
  <T> T suspended(Supplier<T> work) {
    Optional<Transaction> suspendedTransaction = suspend();
    try {
      return work.get();
    } finally {
      suspendedTransaction.ifPresent(this::resume);
    }
  }

  private Optional<Transaction> suspend() {
    try {
      return Optional.ofNullable(manager.suspend());
    } catch (SystemException failure) {
      throw failed(failure);
    }
  }

  private void resume(Transaction transaction) {
    try {
      manager.resume(transaction);
    } catch (InvalidTransactionException | SystemException failure) {
      throw failed(failure);
    }
  }

  private static StoreSetupException failed(Exception failure) {
    return new StoreSetupException("The JTA transaction manager failed: " + failure, failure);
  }
}
