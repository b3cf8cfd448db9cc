package dev.wfe.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** The database server: the given one, or an embedded server with durable commits. */
final class Server implements AutoCloseable {
  private static final String ROLE = "postgres";

  private final String adminUrl;
  private final @Nullable EmbeddedPostgres embedded;

  private Server(String adminUrl, @Nullable EmbeddedPostgres embedded) {
    this.adminUrl = adminUrl;
    this.embedded = embedded;
  }

  static Server start(@Nullable String url) throws IOException {
    if (url != null) {
      return new Server(url, null);
    }
    EmbeddedPostgres embedded =
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("full_page_writes", "on")
            .setServerConfig("max_connections", "300")
            .setServerConfig("shared_buffers", "2GB")
            .setServerConfig("max_wal_size", "8GB")
            .start();
    return new Server(embedded.getJdbcUrl(ROLE, ROLE), embedded);
  }

  /** Creates a database, replacing one with the same name, and returns its URL. */
  String createDatabase(String name) throws SQLException {
    execute("drop database if exists %s with (force)".formatted(name));
    execute("create database %s template template0 encoding 'UTF8'".formatted(name));
    return adminUrl.replaceFirst("(jdbc:postgresql:(?://[^/?]+/)?)[^?]*", "$1" + name);
  }

  void dropDatabase(String name) throws SQLException {
    execute("drop database %s with (force)".formatted(name));
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(adminUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws IOException {
    if (embedded != null) {
      embedded.close();
    }
  }
}
