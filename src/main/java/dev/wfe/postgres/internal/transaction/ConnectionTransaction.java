package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;

/** Runs operations in the transaction of a connection. As thread-safe as the connection. */
final class ConnectionTransaction extends CallerTransaction {
  private final Connection connection;
  private final Consumer<Runnable> afterCommit;

  /**
   * Uses the connection.
   *
   * @param afterCommit registers a callback with the component that will commit; does nothing if
   *     the commit cannot be observed
   */
  ConnectionTransaction(
      Connection connection, Consumer<Runnable> afterCommit, StatementDeadlines deadlines) {
    super(deadlines);
    this.connection = connection;
    this.afterCommit = afterCommit;
  }

  @Override
  public void afterCommit(Runnable callback) {
    afterCommit.accept(callback);
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
