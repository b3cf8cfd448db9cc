package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import javax.sql.DataSource;

/** Where connections are borrowed, one for each piece of work. Thread-safe. */
public interface Connections {
  /** A connection for the calling thread. */
  Connection borrow() throws SQLException;

  /** Takes back what was borrowed. */
  void giveBack(Connection connection) throws SQLException;

  /** Those of a data source. */
  static Connections of(DataSource dataSource) {
    return new Connections() {
      @Override
      public Connection borrow() throws SQLException {
        return dataSource.getConnection();
      }

      @Override
      public void giveBack(Connection connection) throws SQLException {
        connection.close();
      }
    };
  }

  /** What is done on a connection. */
  @FunctionalInterface
  interface OnConnection<T> {
    /** Does it. */
    T run(Connection connection) throws SQLException;
  }

  /**
   * Runs the work on a borrowed connection.
   *
   * @param unconnected makes the failure of an error in borrowing
   * @param translate makes the failure of an error in the work
   */
  default <T> T run(
      OnConnection<T> work,
      Function<SQLException, StoreException> unconnected,
      Function<SQLException, StoreException> translate) {
    Connection connection;
    try {
      connection = borrow();
    } catch (SQLException error) {
      throw unconnected.apply(error);
    }
    T result;
    try {
      result = work.run(connection);
    } catch (SQLException error) {
      StoreException failure = translate.apply(error);
      closeAfter(failure, connection);
      throw failure;
    } catch (RuntimeException | Error failure) {
      closeAfter(failure, connection);
      throw failure;
    }
    try {
      giveBack(connection);
    } catch (SQLException lost) {
      // The work is done; the pool loses a connection that broke afterwards.
    }
    return result;
  }

  private void closeAfter(Throwable failure, Connection connection) {
    try {
      giveBack(connection);
    } catch (SQLException lost) {
      failure.addSuppressed(lost);
    }
  }

  /** As {@link #run(OnConnection, Function, Function)}, for an operation outside of a caller's. */
  default <T> T run(
      String verb,
      List<String> ids,
      OnConnection<T> work,
      Function<SQLException, StoreException> translate) {
    return run(work, error -> SqlErrors.connecting(verb, ids, error), translate);
  }
}
