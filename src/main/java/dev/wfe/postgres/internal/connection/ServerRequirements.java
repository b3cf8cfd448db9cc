package dev.wfe.postgres.internal.connection;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.jdbc.PgDatabaseMetaData;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * Requirements on the database and its connections, checked once when a provider is opened.
 * Thread-safe.
 */
public final class ServerRequirements {
  /** The oldest supported major version of PostgreSQL. */
  public static final int OLDEST_VERSION = 14;

  /**
   * The driver's default. Another threshold was set on purpose, so the operator is assumed to know
   * how the proxy handles prepared statements.
   */
  private static final int DEFAULT_PREPARE_THRESHOLD = 5;

  private static final String DATABASE =
      "pg_catalog.concat_ws(' ', extract(epoch from pg_catalog.pg_postmaster_start_time()),"
          + " pg_catalog.current_database())";

  private static final String CHECK =
      "select pg_catalog.pg_backend_pid(), %s, pg_catalog.current_setting('transaction_isolation'), %s"
          .formatted(DATABASE, RequiredSettings.COLUMNS);

  private static final int FIRST_SETTING = 4;

  private ServerRequirements() {}

  /**
   * The result of the check.
   *
   * @param database identifies the database: no other database has the same value while the server
   *     runs
   * @param isolation the isolation level in which the connection starts transactions
   * @param behindProxy whether a proxy between driver and server chooses the session of each
   *     transaction
   * @param preparing whether the connection prepares statements on the server by the driver's
   *     default
   */
  public record ServerInfo(
      String database, String isolation, boolean behindProxy, boolean preparing) {}

  /**
   * Checks the server and the session settings in one round trip, and leaves the session unchanged.
   *
   * <p>A pooling proxy is detected by comparing two process ids: the one that the driver received
   * when it connected, and the one that the session reports. A proxy that shares sessions cannot
   * announce an id that stays correct, so it invents one. PgBouncer uses random bits, so the two
   * ids match by accident about once in four billion connections.
   *
   * @throws StoreSetupException if a requirement is not met
   * @throws StoreException as {@link SqlErrors#connecting} says, if there is no connection
   */
  public static ServerInfo check(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      requireSupportedServer(connection.getMetaData());
      requireDriver(connection.getMetaData(), PgDatabaseMetaData.class);
      return checkSession(connection);
    } catch (SQLException error) {
      throw SqlErrors.connecting(Operation.reading("connect", List.of()), error);
    }
  }

  private static ServerInfo checkSession(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (statement.isWrapperFor(PGStatement.class)) {
        // Behind a proxy, a prepared statement would stay in a session of other clients.
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      }
      try (ResultSet row = statement.executeQuery(CHECK)) {
        row.next();
        RequiredSettings.require(row, FIRST_SETTING);
        return serverInfo(connection, row.getInt(1), row.getString(2), row.getString(3));
      }
    } finally {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    }
  }

  /**
   * Whether the session's process id differs from the one that the driver received when it
   * connected, which means that a proxy assigns sessions to the connection. One round trip.
   */
  public static boolean isBehindProxy(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      try (ResultSet row = statement.executeQuery("select pg_catalog.pg_backend_pid()")) {
        return row.next() && row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
      }
    } finally {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    }
  }

  private static ServerInfo serverInfo(
      Connection connection, int backend, String database, String isolation) throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)) {
      return new ServerInfo(database, isolation, false, false);
    }
    PGConnection driver = connection.unwrap(PGConnection.class);
    requireExtendedQueries(driver);
    return new ServerInfo(
        database,
        isolation,
        driver.getBackendPID() != backend,
        driver.getPrepareThreshold() == DEFAULT_PREPARE_THRESHOLD);
  }

  /**
   * Rejects driver settings under which several statements do not run as one transaction, or cannot
   * be sent together.
   */
  private static void requireExtendedQueries(PGConnection driver) {
    if (driver.getPreferQueryMode() == PreferQueryMode.SIMPLE) {
      throw new StoreSetupException(
          "With preferQueryMode=simple the driver commits after each statement, and operations of"
              + " two statements would lose their locks in between: remove it from the URL or the"
              + " data source. Behind a pooling proxy, use prepareThreshold=0 instead",
          null);
    }
    if (driver.getPrepareThreshold() < 0) {
      throw new StoreSetupException(
          "With prepareThreshold="
              + driver.getPrepareThreshold()
              + " the driver cannot run several statements at once: set it to 0 or more",
          null);
    }
  }

  /**
   * Rejects the application's own connections if they would prepare statements in sessions that a
   * proxy shares with other clients, because the statement names would collide.
   */
  public static void requireNoPreparedStatements(ServerInfo server) {
    if (server.preparing()) {
      throw new StoreSetupException(
          "The connections go through a pooling proxy (see the option poolingProxy) and prepare"
              + " statements on the server, where other clients of the proxy may use the same"
              + " statement names. Set prepareThreshold=0 in the URL or the properties of the data"
              + " source. If the proxy tracks prepared statements (PgBouncer 1.21 or newer with"
              + " max_prepared_statements) or keeps one session per client, set prepareThreshold=1",
          null);
    }
  }

  /**
   * Rejects a server that is not PostgreSQL or is too old.
   *
   * @throws StoreSetupException naming the product or the version
   */
  public static void requireSupportedServer(DatabaseMetaData server) throws SQLException {
    requireProduct(server.getDatabaseProductName());
    requireVersion(server.getDatabaseMajorVersion());
  }

  static void requireProduct(String product) {
    if (!product.equals("PostgreSQL")) {
      throw new StoreSetupException("The database is " + product + ", not PostgreSQL", null);
    }
  }

  /**
   * Rejects a second copy of the driver: error details are read through the driver's own classes,
   * so the connection has to use the same copy as this library.
   */
  public static void requireDriver(DatabaseMetaData metaData, Class<?> ours) {
    if (metaData.getClass().getName().equals(ours.getName()) && !ours.isInstance(metaData)) {
      throw new StoreSetupException(
          "The data source uses another copy of the PostgreSQL driver than this library: remove"
              + " org.postgresql:postgresql from the deployment, and make the application server's"
              + " driver visible to it",
          null);
    }
  }

  static void requireVersion(int majorVersion) {
    if (majorVersion < OLDEST_VERSION) {
      throw new StoreSetupException(
          "PostgreSQL " + majorVersion + " is too old; the oldest supported is " + OLDEST_VERSION,
          null);
    }
  }

  /**
   * Rejects other isolation levels, because the topic locks between publishers and subscribers only
   * work at READ COMMITTED.
   */
  public static void requireIsolation(String isolation) {
    if (!isolation.equals("read committed")) {
      throw new StoreSetupException(
          ("Connections of the data source start transactions at isolation %s; the store needs"
                  + " READ COMMITTED: set the pool's isolation, or default_transaction_isolation of"
                  + " the role or database")
              .formatted(isolation.toUpperCase(Locale.ROOT)),
          null);
    }
  }
}
