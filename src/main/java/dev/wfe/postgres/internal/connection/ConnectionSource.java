package dev.wfe.postgres.internal.connection;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Supplies connections: one is borrowed for each operation and released after it. Thread-safe. */
public interface ConnectionSource {
  /** Borrows a connection for the calling thread. */
  Connection open() throws SQLException;

  /** Returns a connection that {@link #open} supplied. */
  void release(Connection connection) throws SQLException;

  /** Borrows a connection that {@link Borrowed#close} releases. */
  default Borrowed borrow() throws SQLException {
    return new Borrowed(this, open());
  }

  /** Supplies the connections of a data source. */
  static ConnectionSource of(DataSource dataSource) {
    return new ConnectionSource() {
      @Override
      public Connection open() throws SQLException {
        return dataSource.getConnection();
      }

      @Override
      public void release(Connection connection) throws SQLException {
        connection.close();
      }
    };
  }

  /**
   * A borrowed connection. As thread-safe as the connection itself.
   *
   * @param source the source that supplied the connection and takes it back
   * @param connection the connection
   */
  record Borrowed(ConnectionSource source, Connection connection) implements AutoCloseable {
    /**
     * Releases the connection and ignores a failure: the operation has already ended, and a pool
     * discards a broken connection by itself.
     */
    @Override
    public void close() {
      try {
        source.release(connection);
      } catch (SQLException broken) {
        // Ignored: see the method's comment.
      }
    }
  }
}
