package shop;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A PostgreSQL for the tests. */
final class Database {
  private static final EmbeddedPostgres SERVER = start();

  private Database() {}

  private static EmbeddedPostgres start() {
    try {
      return EmbeddedPostgres.start();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  static String url(String name) {
    return "jdbc:postgresql://localhost:%d/%s?user=postgres".formatted(SERVER.getPort(), name);
  }

  static String run(String name, String sql) throws SQLException {
    try (Connection connection = SERVER.getDatabase("postgres", name).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.execute(sql) ? statement.getResultSet() : null) {
      return rows != null && rows.next() ? rows.getString(1) : "";
    }
  }
}
