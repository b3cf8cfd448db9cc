package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.internal.sql.Operation;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that a {@link TransactionRunner} has begun. Operations are refused after it has
 * ended. To be used by the thread of the work.
 */
public final class RunningTransaction implements TransactionScope {
  private final TransactionScope scope;
  private final Objects objects;
  private final List<Runnable> afterCommit = new ArrayList<>();
  private volatile boolean over;

  RunningTransaction(TransactionScope scope, Objects objects) {
    this.scope = scope;
    this.objects = objects;
  }

  /** The objects through which the application takes part in the transaction. */
  @FunctionalInterface
  interface Objects {
    /** Returns the object of this type, or null if there is none. */
    @Nullable Object find(Class<?> type) throws SQLException;
  }

  /** Runs the work, after which the transaction accepts no operation. */
  <T extends @Nullable Object> T during(TransactionRunner.Work<T> work) throws Exception {
    try {
      return work.run(this);
    } finally {
      over = true;
    }
  }

  /**
   * Fails if the transaction cannot be committed any more. To be called before a commit that
   * somebody else executes.
   */
  void requireCommittable() {
    boolean unused =
        scope.run(
            TransactionRunner.OPERATION,
            statements -> {
              statements.requireCommittable();
              return true;
            });
  }

  /**
   * Runs the callbacks. To be called after the commit, and without a connection, because a callback
   * may need one.
   */
  void committed() {
    afterCommit.forEach(Runnable::run);
  }

  /**
   * Returns the object through which the application takes part in the transaction.
   *
   * @throws InvalidValueException if there is none of this type
   */
  public <T> T unwrap(Class<T> type) {
    Operation operation = Operation.reading("unwrap", List.of());
    requireOpen(operation);
    Object object;
    try {
      object = objects.find(type);
    } catch (SQLException error) {
      throw CallerTransaction.connecting(operation, error);
    }
    if (object == null) {
      throw new InvalidValueException(
          "unwrap",
          "",
          "type",
          "is %s, but this provider has no such object".formatted(type.getName()));
    }
    return type.cast(object);
  }

  private void requireOpen(Operation operation) {
    if (over) {
      throw CallerTransaction.refusal(operation, "the transaction has ended", null);
    }
  }

  @Override
  public <T> T run(Operation operation, StatementCallback<T> work) {
    requireOpen(operation);
    return scope.run(operation, work);
  }

  @Override
  public boolean isIndependent() {
    return scope.isIndependent();
  }

  @Override
  public void requireIndependent(String operation) {
    scope.requireIndependent(operation);
  }

  @Override
  public void afterCommit(Runnable callback) {
    afterCommit.add(callback);
  }
}
