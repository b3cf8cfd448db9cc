package dev.wfe.postgres.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A database for one test class; closing it drops it and refuses leaked connections. */
public final class TestDatabase implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration PATIENCE_WITH_STATEMENTS = Duration.ofSeconds(60);

  private final TestServer server;
  private final String name;
  private final String url;
  private final SharedSession session;

  TestDatabase(TestServer server, String name, String url) {
    this.server = server;
    this.name = name;
    this.url = url;
    this.session = new SharedSession(dataSource());
  }

  /** A database with a store in it: default schema, no prefix, no rows. */
  public static TestDatabase migrated() {
    return TestServer.get().create(false);
  }

  /** A database with nothing in it. */
  public static TestDatabase empty() {
    return TestServer.get().create(true);
  }

  /** Another database with the same content. Nothing else may be connected to this one. */
  public TestDatabase copy() {
    session.close();
    return server.copy(name);
  }

  /** How to reach it, credentials included: {@code jdbc:postgresql:…}. */
  public String url() {
    return url;
  }

  /** Opens a new connection each time. */
  public DataSource dataSource() {
    return new UrlDataSource(url);
  }

  /** Runs statements, in one transaction unless they say otherwise. */
  public void execute(String sql) {
    session.execute(sql);
  }

  /** The first column of the first row as text; null for SQL NULL and for no row. */
  public @Nullable String queryForString(String sql) {
    List<@Nullable String> column = queryForStrings(sql);
    return column.isEmpty() ? null : column.get(0);
  }

  /** The first column of all rows as text. */
  public List<@Nullable String> queryForStrings(String sql) {
    return session.query(sql);
  }

  /**
   * Deletes all rows of the store in the schema. It takes a fraction of the time of {@code
   * truncateAll}, which makes new files for each table and index, but the numbers that sequences
   * give go on, and deleted rows stay in the files.
   */
  public void emptyStore(String schema) {
    List<@Nullable String> statements =
        queryForStrings(
            """
            select case when pg_relation_size(oid) > 1000000 then format('truncate %%s cascade', oid::regclass)
              else format('delete from %%s', oid::regclass) end
            from pg_class
            where relnamespace = '"%s"'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0
              and relname !~ '(history|migrations)$'
            order by relname
            """
                .formatted(schema));
    execute(String.join(";", statements));
  }

  /** Returns once a statement that begins so waits for that transaction, and for nothing else. */
  public void awaitWaiting(String statement, Connection transaction) throws SQLException {
    int holder = transaction.unwrap(PGConnection.class).getBackendPID();
    String sql =
        """
        select count(*) from pg_stat_activity
        where datname = current_database() and pg_blocking_pids(pid) = array[%s]
          and query like '%s%%'
        """
            .formatted(holder, statement);
    long deadline = System.nanoTime() + PATIENCE_WITH_STATEMENTS.toNanos();
    while (!"1".equals(queryForString(sql))) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("Nothing waits for the transaction: " + statement);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  /** Drops it, whatever is still connected, and then fails if anything was. */
  @Override
  public void close() {
    session.close();
    List<@Nullable String> leaked = waitForConnectionsToEnd();
    server.drop(name);
    if (!leaked.isEmpty()) {
      throw new AssertionError("Connections were left open; they last ran: " + leaked);
    }
  }

  /** A server process ends a moment after its connection was closed. */
  private List<@Nullable String> waitForConnectionsToEnd() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      List<@Nullable String> open =
          server
              .admin()
              .query(
                  "select application_name || ': ' || query from pg_stat_activity"
                      + " where backend_type = 'client backend' and datname = '%s'"
                          .formatted(name));
      if (open.isEmpty() || System.nanoTime() - deadline > 0) {
        return open;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }
}
