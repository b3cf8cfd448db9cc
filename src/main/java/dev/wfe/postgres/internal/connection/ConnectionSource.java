package dev.wfe.postgres.internal.connection;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Where connections are borrowed, one for each operation. Thread-safe. */
public interface ConnectionSource {
  /** A connection for the calling thread. */
  Connection open() throws SQLException;

  /** Takes back what {@link #open} gave. */
  void giveBack(Connection connection) throws SQLException;

  /** A connection that is given back when it is closed. */
  default Borrowed borrow() throws SQLException {
    return new Borrowed(this, open());
  }

  /** That of a data source. */
  static ConnectionSource of(DataSource dataSource) {
    return new ConnectionSource() {
      @Override
      public Connection open() throws SQLException {
        return dataSource.getConnection();
      }

      @Override
      public void giveBack(Connection connection) throws SQLException {
        connection.close();
      }
    };
  }

  /**
   * A borrowed connection. As thread-safe as the connection.
   *
   * @param source where it was borrowed
   * @param connection the connection
   */
  record Borrowed(ConnectionSource source, Connection connection) implements AutoCloseable {
    /** Never fails: the operation has ended, and a pool drops a connection that broke. */
    @Override
    public void close() {
      try {
        source.giveBack(connection);
      } catch (SQLException broken) {
        // See above.
      }
    }
  }
}
