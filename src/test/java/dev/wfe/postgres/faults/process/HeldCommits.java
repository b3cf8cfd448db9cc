package dev.wfe.postgres.faults.process;

import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/**
 * Holds everything that a kind of session writes to the store right before it is committed: all is
 * written, and locked, and nobody sees it. Not thread-safe.
 */
final class HeldCommits implements AutoCloseable {
  private static final String LOCK =
      """
      create function hold() returns trigger language plpgsql as $$
      begin
        if current_setting('application_name') = '%s' then
          perform pg_advisory_xact_lock_shared(1);
        end if;
        return null;
      end $$;
      do $$ declare name text; begin
        for name in select tablename from pg_tables where schemaname = 'wfc' loop
          execute 'create constraint trigger hold after insert or update or delete on wfc.' || name
            || ' deferrable initially deferred for each row execute function hold()';
        end loop;
      end $$
      """;

  private final TestDatabase database;
  private final Connection holder;

  /** Prepares a database, once, for sessions with the application name. */
  static void prepare(TestDatabase database, String application) {
    database.execute(LOCK.formatted(application));
  }

  /** Holds from now on. */
  HeldCommits(TestDatabase database) throws SQLException {
    this.database = database;
    holder = database.dataSource().getConnection();
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      statement.execute("select pg_advisory_xact_lock(1)");
    }
  }

  /** Returns once so many are held. */
  void await(int count) throws SQLException {
    awaitWaiters("pg_blocking_pids(pid) = array[%s]", count);
  }

  /** Returns once so many wait for those that are held. */
  void awaitBehind(int count) throws SQLException {
    awaitWaiters(
        "cardinality(pg_blocking_pids(pid)) > 0 and not %s = any(pg_blocking_pids(pid))", count);
  }

  private void awaitWaiters(String which, int count) throws SQLException {
    String sql =
        "select count(*) from pg_stat_activity where datname = current_database() and "
            + which.formatted(holder.unwrap(PGConnection.class).getBackendPID());
    Eventually.isTrue(
        count + " sessions wait",
        () -> Integer.toString(count).equals(database.queryForString(sql)));
  }

  /** Lets them commit. */
  @Override
  public void close() throws SQLException {
    holder.close();
  }
}
