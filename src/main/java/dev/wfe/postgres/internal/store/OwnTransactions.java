package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.sql.Deadlines;
import dev.wfe.postgres.internal.sql.PoolingProxies;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.postgresql.PGConnection;

/**
 * Each piece of work on a connection of its own, each statement committed by itself. What was
 * certainly not done, for a reason that passes, is tried again for a while. Thread-safe.
 */
final class OwnTransactions implements Database {
  private static final String READ_ONLY_TRANSACTION = "25006";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final String MISSING_STATEMENT = "26000";
  private static final String OTHER_STATEMENT = "42P05";
  private static final String READ_ONLY_SETTING = "default_transaction_read_only";
  private static final String ON = "on";

  private final Connections connections;
  private final Deadlines deadlines;
  private final Retries retries;

  /**
   * On the connections.
   *
   * @param retryTimeout after which nothing is tried again; zero for no second try
   */
  OwnTransactions(Connections connections, Deadlines deadlines, Duration retryTimeout) {
    this.connections = connections;
    this.deadlines = deadlines;
    this.retries = new Retries(retryTimeout);
  }

  @Override
  public <T> T read(String verb, List<String> ids, Work<T> work) {
    return retries.of(() -> run(verb, ids, work, error -> SqlErrors.reading(verb, ids, error)));
  }

  @Override
  public <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    return retries.of(
        () -> run(verb, ids, work, error -> SqlErrors.writing(verb, safeToRepeat, ids, error)));
  }

  @Override
  public void requireOwnTransactions(String verb) {
    // They are.
  }

  private <T> T run(
      String verb,
      List<String> ids,
      Work<T> work,
      Function<SQLException, StoreException> translate) {
    return connections.run(
        verb,
        ids,
        connection -> {
          try {
            return autoCommitted(
                connection, lent -> work.by(Statements.committed(lent, deadlines)));
          } catch (SQLException error) {
            throw withReason(connection, error);
          }
        },
        translate);
  }

  /**
   * Pools may lend connections that do not commit by themselves; they get them back as they were.
   */
  private static <T> T autoCommitted(Connection connection, Connections.OnConnection<T> work)
      throws SQLException {
    if (connection.getAutoCommit()) {
      return work.run(connection);
    }
    connection.setAutoCommit(true);
    T result;
    try {
      result = work.run(connection);
    } catch (SQLException | RuntimeException failure) {
      try {
        connection.setAutoCommit(false);
      } catch (SQLException broken) {
        failure.addSuppressed(broken);
      }
      throw failure;
    }
    connection.setAutoCommit(false);
    return result;
  }

  /**
   * That a transaction is read only passes when a standby is promoted, and stays when the role or
   * the database says so, which the driver is told when it connects. A prepared statement that is
   * gone is prepared again by the next try, unless a proxy hands the connection one session after
   * another.
   */
  private static SQLException withReason(Connection connection, SQLException error) {
    try {
      if (!connection.isWrapperFor(PGConnection.class)) {
        return error;
      }
      PGConnection driver = connection.unwrap(PGConnection.class);
      if (READ_ONLY_TRANSACTION.equals(error.getSQLState())
          && ON.equals(driver.getParameterStatus(READ_ONLY_SETTING))) {
        return new SQLException(
            error.getMessage() + "; " + READ_ONLY_SETTING + " is on for the role or the database",
            INSUFFICIENT_PRIVILEGE,
            error);
      }
      if (MISSING_STATEMENT.equals(error.getSQLState()) && PoolingProxies.isBefore(connection)) {
        return new SQLException(
            "%s (%s) in another session".formatted(error.getMessage(), MISSING_STATEMENT),
            OTHER_STATEMENT,
            error);
      }
    } catch (SQLException broken) {
      error.addSuppressed(broken);
    }
    return error;
  }
}
