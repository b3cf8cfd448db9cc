package dev.wfe.postgres.concurrency;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.modelled.CallContext;
import dev.wfe.postgres.modelled.SqlOperator;
import dev.wfe.postgres.testing.TestDatabase;
import java.time.Duration;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A host whose sessions have its name, which retries nothing, and which can pause between its
 * statements.
 */
final class Host implements AutoCloseable {
  private static final int NEVER = -1;

  private final String name;
  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;
  private final SqlOperator operator;
  private int sent;
  private int pauseBefore = NEVER;
  private Runnable meanwhile = () -> {};

  Host(TestDatabase database, String name) {
    this.database = database;
    this.name = name;
    PGSimpleDataSource named = new PGSimpleDataSource();
    named.setUrl(database.url());
    named.setApplicationName(name);
    DataSource pausing =
        ProxyDataSourceBuilder.create(named).beforeQuery((execution, queries) -> send()).build();
    provider =
        PostgresPersistenceProvider.over(
            pausing, PostgresOptions.builder().retryTimeout(Duration.ZERO).wakeUps(false).build());
    operator = new SqlOperator(named);
  }

  private void send() {
    if (sent++ == pauseBefore) {
      meanwhile.run();
    }
  }

  /** A new view of the store through this host. */
  CallContext context() {
    return new CallContext(provider, operator);
  }

  /** The next call stops before that one of its statements, until the other work is done. */
  void pauseBefore(int statement, Runnable otherWork) {
    sent = 0;
    pauseBefore = statement;
    meanwhile = otherWork;
  }

  void neverPause() {
    pauseBefore = NEVER;
  }

  /** How many statements it sent since it was told to pause. */
  int sent() {
    return sent;
  }

  /** Whether one of its sessions waits for a lock. */
  boolean isWaiting() {
    return !"0"
        .equals(
            database.queryForString(
                """
                select count(*) from pg_stat_activity
                where datname = current_database() and application_name = '%s'
                  and cardinality(pg_blocking_pids(pid)) > 0
                """
                    .formatted(name)));
  }

  @Override
  public void close() {
    provider.close();
  }
}
