package dev.wfe.postgres.spring;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import javax.sql.DataSource;

/**
 * Creates providers whose operations join the thread's Spring transactions. Spring Boot's
 * auto-configuration creates one for the application's data source. An application with several
 * data sources creates the others here.
 */
public final class SpringTransactions {
  private SpringTransactions() {}

  /**
   * A provider on a data source of the application, which stays open.
   *
   * <ul>
   *   <li>Each operation joins the thread's transaction on that data source: the transaction of an
   *       entity manager, of any persistence unit on the data source, or else of a connection. The
   *       operation is committed or rolled back with it.
   *   <li>Without such a transaction, and in callbacks after a commit or rollback, each operation
   *       commits by itself, on a connection of its own. A transaction on another data source does
   *       not count.
   *   <li>In a read-only transaction, writes throw a {@link CallerTransactionException}.
   * </ul>
   *
   * <p>Callbacks after a commit or rollback are recognised for transaction managers that are beans
   * of a Spring Boot application.
   *
   * @param dataSource the data source of the transaction manager, or its target
   * @return a thread-safe provider; close it when the application ends, as Spring does for beans
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the server is not PostgreSQL 14 or newer, or its connections
   *     start with another isolation level than READ COMMITTED; not retryable
   */
  public static PostgresPersistenceProvider over(DataSource dataSource, PostgresOptions options) {
    DataSource target = DataSources.withoutTransactions(dataSource);
    return PostgresPersistenceProvider.over(target, new ThreadBoundTransaction(target), options);
  }
}
