package dev.wfe.postgres.spring;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import javax.sql.DataSource;

/**
 * Stores whose operations are part of the transactions that Spring keeps for the thread. Spring
 * Boot makes one for the application's data source by itself; an application with several data
 * sources makes others here.
 */
public final class SpringTransactions {
  private SpringTransactions() {}

  /**
   * A store over a data source of the application, which stays open.
   *
   * <ul>
   *   <li>Each operation joins the thread's transaction on that data source: an entity manager's of
   *       any persistence unit on it, else a connection's. It is committed or rolled back with it.
   *   <li>Where there is none, and in callbacks after a commit or rollback, each operation commits
   *       by itself, on a connection of its own. A transaction on another data source is none.
   *   <li>In a read-only transaction, writes are refused with a {@link CallerTransactionException}.
   * </ul>
   *
   * <p>What is after a commit is known of the transaction managers that are beans of a Spring Boot
   * application.
   *
   * @param dataSource the one that the transaction manager has, or its target
   * @return thread-safe; to be closed when the application ends, as Spring does with beans
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if it is not PostgreSQL 14 or newer, or its connections start in
   *     another isolation than READ COMMITTED; not retryable
   */
  public static PostgresPersistenceProvider over(DataSource dataSource, PostgresOptions options) {
    DataSource target = DataSources.withoutTransactions(dataSource);
    return PostgresPersistenceProvider.over(target, new ThreadsTransaction(target), options);
  }
}
