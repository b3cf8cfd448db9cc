package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreSetupException;
import jakarta.transaction.HeuristicMixedException;
import jakarta.transaction.HeuristicRollbackException;
import jakarta.transaction.InvalidTransactionException;
import jakarta.transaction.NotSupportedException;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Status;
import jakarta.transaction.SystemException;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
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

  /** As {@link #suspended}, for work that throws anything. */
  <T extends @Nullable Object> T callSuspended(Callable<T> work) throws Exception {
    Optional<Transaction> suspendedTransaction = suspend();
    try {
      return work.call();
    } finally {
      suspendedTransaction.ifPresent(this::resume);
    }
  }

  /** Begins a transaction of the thread. */
  void begin() {
    try {
      manager.begin();
    } catch (NotSupportedException | SystemException failure) {
      throw failed(failure);
    }
  }

  /** Commits the thread's transaction. */
  void commit() {
    try {
      manager.commit();
    } catch (RollbackException
        | HeuristicMixedException
        | HeuristicRollbackException
        | SystemException
        | RuntimeException failure) {
      throw CommitFailures.translate(failure);
    }
  }

  /** Rolls the thread's transaction back, if there is one, because of the failure. */
  void rollBack(Throwable failure) {
    try {
      if (manager.getStatus() != Status.STATUS_NO_TRANSACTION) {
        manager.rollback();
      }
    } catch (SystemException | RuntimeException broken) {
      failure.addSuppressed(broken);
    }
  }

  /** Runs the callback after the commit of the thread's transaction. */
  void afterCommit(Runnable callback) {
    try {
      manager.getTransaction().registerSynchronization(new AfterCommit(callback));
    } catch (RollbackException | SystemException failure) {
      throw failed(failure);
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
