package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs operations in the transaction of a connection. As thread-safe as the connection. */
final class ConnectionTransaction extends CallerTransaction {
  private final Connection connection;
  private final @Nullable Consumer<Runnable> afterCommit;

  /**
   * Uses the connection.
   *
   * @param afterCommit registers a callback with the component that will commit; null if the commit
   *     cannot be observed
   */
  ConnectionTransaction(
      Connection connection,
      @Nullable Consumer<Runnable> afterCommit,
      StatementDeadlines deadlines) {
    super(deadlines);
    this.connection = connection;
    this.afterCommit = afterCommit;
  }

  @Override
  public void afterCommit(Runnable callback) {
    if (afterCommit != null) {
      afterCommit.accept(callback);
    }
  }

  @Override
  public boolean observesCommit() {
    return afterCommit != null;
  }

  @Override
  public <T> T run(Operation operation, StatementCallback<T> work) {
    try {
      if (connection.getAutoCommit()) {
        throw refusal(operation, "the connection commits each statement by itself", null);
      }
      return runOn(connection, operation, work);
    } catch (SQLException error) {
      throw SqlErrors.inCallersTransaction(operation, error);
    }
  }
}
