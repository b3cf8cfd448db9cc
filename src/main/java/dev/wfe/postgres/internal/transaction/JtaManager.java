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

/** The container's transactions. Thread-safe. */
public final class JtaManager {
  private static final Set<Integer> NO_TRANSACTION =
      Set.of(Status.STATUS_NO_TRANSACTION, Status.STATUS_COMMITTED);

  private final TransactionManager manager;

  private JtaManager(TransactionManager manager) {
    this.manager = manager;
  }

  /**
   * That of the transaction manager.
   *
   * @param manager null if Hibernate knows of none
   * @throws StoreSetupException if there is none
   */
  public static JtaManager of(@Nullable TransactionManager manager) {
    if (manager == null) {
      throw new StoreSetupException(
          "Hibernate found no JTA transaction manager here: name its platform with"
              + " hibernate.transaction.jta.platform",
          null);
    }
    return new JtaManager(manager);
  }

  /**
   * That of the factory; empty when its transactions are its own.
   *
   * @throws StoreSetupException if Hibernate knows of no transaction manager
   */
  public static Optional<JtaManager> of(SessionFactoryImplementor factory) {
    var services = factory.getServiceRegistry();
    return services.requireService(TransactionCoordinatorBuilder.class).isJta()
        ? Optional.of(of(services.requireService(JtaPlatform.class).retrieveTransactionManager()))
        : Optional.empty();
  }

  /**
   * Whether the thread is in a transaction, which may be doomed, or even rolled back already: one
   * that timed out is rolled back while its thread still works.
   */
  boolean isInTransaction() {
    return !NO_TRANSACTION.contains(status());
  }

  /** Whether the thread's transaction takes more work. */
  boolean isActive() {
    return status() == Status.STATUS_ACTIVE;
  }

  private int status() {
    try {
      return manager.getStatus();
    } catch (SystemException failure) {
      throw broken(failure);
    }
  }

  /** Does the work while the thread's transaction, if there is one, waits. */
  void runSuspended(Runnable work) {
    var unused =
        suspended(
            () -> {
              work.run();
              return Optional.empty();
            });
  }

  /** Does the work while the thread's transaction, if there is one, waits. */
  <T> T suspended(Supplier<T> work) {
    Optional<Transaction> waiting = suspend();
    try {
      return work.get();
    } finally {
      waiting.ifPresent(this::resume);
    }
  }

  private Optional<Transaction> suspend() {
    try {
      return Optional.ofNullable(manager.suspend());
    } catch (SystemException failure) {
      throw broken(failure);
    }
  }

  private void resume(Transaction transaction) {
    try {
      manager.resume(transaction);
    } catch (InvalidTransactionException | SystemException failure) {
      throw broken(failure);
    }
  }

  private static StoreSetupException broken(Exception failure) {
    return new StoreSetupException("The transaction manager fails: " + failure, failure);
  }
}
