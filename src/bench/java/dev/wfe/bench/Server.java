package dev.wfe.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The database server: the given one, or an embedded server with durable commits. */
public final class Server implements AutoCloseable {
  private static final String COUNTERS =
      """
      select xact_commit, pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
        pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint
      from pg_stat_database where datname = ?
      """;

  private static final String CLIENTS =
      """
      select count(*) from pg_stat_activity
      where datname = ? and backend_type = 'client backend'
      """;

  private static final String ROLE = "postgres";

  private final String adminUrl;
  private final @Nullable EmbeddedPostgres embedded;
  private final Set<String> databases = new LinkedHashSet<>();

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
            // Counts statements where an experiment asks for it.
            .setServerConfig("shared_preload_libraries", "pg_stat_statements")
            .setServerConfig("pg_stat_statements.track", "none")
            .setServerConfig("compute_query_id", "off")
            .start();
    return new Server(embedded.getJdbcUrl(ROLE, ROLE), embedded);
  }

  /**
   * What the server has counted until a moment.
   *
   * @param transactions the committed transactions of one database
   * @param writes the transactions of the server that wrote something
   * @param logBytes the position in the write-ahead log of the server
   */
  public record Counters(long transactions, long writes, long logBytes) {
    /** The cost of each of the executions since the earlier moment. */
    public Cost since(Counters earlier, int executions) {
      return new Cost(
          (double) (transactions - earlier.transactions) / executions,
          (double) (writes - earlier.writes) / executions,
          (double) (logBytes - earlier.logBytes) / executions);
    }
  }

  /**
   * The counters of a database. A connection reports its last transactions when it is closed, or
   * after some seconds.
   */
  public Counters counters(String database) throws SQLException {
    try (Connection connection = DriverManager.getConnection(adminUrl);
        PreparedStatement statement = connection.prepareStatement(COUNTERS)) {
      statement.setString(1, database);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Counters(row.getLong(1), row.getLong(2), row.getLong(3));
      }
    }
  }

  /** Waits until the connections to the database are closed. */
  public void awaitDisconnection(String database) throws SQLException, InterruptedException {
    try (Connection connection = DriverManager.getConnection(adminUrl);
        PreparedStatement statement = connection.prepareStatement(CLIENTS)) {
      statement.setString(1, database);
      for (int tries = 0; tries < 1_000; tries++) {
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          if (row.getLong(1) == 0) {
            return;
          }
        }
        Thread.sleep(10);
      }
      throw new IllegalStateException("Connections to %s stay open".formatted(database));
    }
  }

  /** Creates an empty database, replacing one with the same name, and returns its URL. */
  public String createDatabase(String name) throws SQLException {
    return createDatabase(name, "template0");
  }

  /** Creates a copy of a database, replacing one with the name, and returns its URL. */
  public String createDatabase(String name, String template) throws SQLException {
    execute("drop database if exists %s with (force)".formatted(name));
    execute("create database %s template %s encoding 'UTF8'".formatted(name, template));
    databases.add(name);
    return adminUrl.replaceFirst("(jdbc:postgresql:(?://[^/?]+/)?)[^?]*", "$1" + name);
  }

  /** Drops a database to which nobody is connected any more, or is disconnected then. */
  public void dropDatabase(String name) throws SQLException {
    execute("drop database %s with (force)".formatted(name));
    databases.remove(name);
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(adminUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    for (String database : List.copyOf(databases)) {
      dropDatabase(database);
    }
    if (embedded != null) {
      embedded.close();
    }
  }
}
