package dev.wfe.bench.hosts;

import dev.wfe.bench.Server;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A database with an empty store, which counts the statements that it executes. */
final class CountedStore implements AutoCloseable {
  private static final String NAME = "wfe_bench_hosts";

  private static final String COUNTED =
      "from public.pg_stat_statements s join pg_database d on d.oid = s.dbid"
          + " where d.datname = current_database() and s.query !~ 'pg_stat_statements'";

  /** The statements that take leases on workflows. */
  private static final String CLAIMS = " and s.query ~ 'insert into [^ ]*workflow_leases'";

  private final Server server;
  private final String url;
  private final Connection connection;

  private CountedStore(Server server, String url, Connection connection) {
    this.server = server;
    this.url = url;
    this.connection = connection;
  }

  static CountedStore create(Server server) throws SQLException {
    String url = server.createDatabase(NAME);
    try (Connection settings = DriverManager.getConnection(url);
        Statement statement = settings.createStatement()) {
      statement.execute("create extension pg_stat_statements schema public");
      statement.execute("alter database %s set compute_query_id = on".formatted(NAME));
      statement.execute("alter database %s set pg_stat_statements.track = 'top'".formatted(NAME));
    }
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(url)) {
      provider.ensureStoreExists();
    }
    return new CountedStore(server, url, DriverManager.getConnection(url));
  }

  String url() {
    return url;
  }

  PostgresPersistenceProvider connect(int poolSize) {
    return PostgresPersistenceProvider.connect(
        url, PostgresOptions.builder().poolSize(poolSize).build());
  }

  /**
   * What the database has executed.
   *
   * @param statements every statement, also those of which several are sent together
   * @param transactions those that committed
   */
  record Executed(long statements, long transactions) {}

  /** Connections report their transactions when they have been idle for a second or more. */
  Executed executed() throws SQLException {
    return query(
        "select coalesce(sum(s.calls), 0)::bigint, (select xact_commit from pg_stat_database"
            + " where datname = current_database()) "
            + COUNTED,
        row -> new Executed(row.getLong(1), row.getLong(2)));
  }

  /**
   * What claims of workflows have cost.
   *
   * @param count how many there were
   * @param pages the pages that they read
   * @param millis the time that they took on the server
   */
  record Claims(long count, long pages, double millis) {
    Claims since(Claims earlier) {
      return new Claims(count - earlier.count, pages - earlier.pages, millis - earlier.millis);
    }
  }

  Claims claims() throws SQLException {
    return query(
        "select coalesce(sum(s.calls), 0)::bigint,"
            + " coalesce(sum(s.shared_blks_hit + s.shared_blks_read), 0)::bigint,"
            + " coalesce(sum(s.total_exec_time), 0) "
            + COUNTED
            + CLAIMS,
        row -> new Claims(row.getLong(1), row.getLong(2), row.getDouble(3)));
  }

  /** As autovacuum does within a minute: plans are then made for the tables as they are. */
  void vacuum() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("vacuum analyze");
    }
  }

  /** Reads a row. */
  @FunctionalInterface
  interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> T query(String sql, Reader<T> reader) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return reader.read(row);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    server.dropDatabase(NAME);
  }
}
