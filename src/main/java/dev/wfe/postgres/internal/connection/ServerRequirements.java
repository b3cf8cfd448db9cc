package dev.wfe.postgres.internal.connection;

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

/** What a database and its connections must be, checked once before they are used. */
public final class ServerRequirements {
  public static final int OLDEST_VERSION = 14;

  /**
   * The driver's default. A connection with another threshold was given it on purpose, so whoever
   * set it knows what the proxy does with prepared statements.
   */
  private static final int DRIVERS_PREPARE_THRESHOLD = 5;

  private static final String DATABASE =
      "pg_catalog.concat_ws(' ', extract(epoch from pg_catalog.pg_postmaster_start_time()),"
          + " pg_catalog.current_database())";

  private static final String CHECK =
      "select pg_catalog.pg_backend_pid(), %s, pg_catalog.current_setting('transaction_isolation'), %s"
          .formatted(DATABASE, RequiredSettings.COLUMNS);

  private static final int FIRST_SETTING = 4;

  private ServerRequirements() {}

  /**
   * What the check found out.
   *
   * @param database what no other database has, as long as its server runs
   * @param isolation in which the connection starts transactions
   * @param behindProxy whether something between the driver and the server decides in which session
   *     a transaction runs
   * @param preparing whether the connection prepares statements on the server because nobody told
   *     it not to
   */
  public record Found(String database, String isolation, boolean behindProxy, boolean preparing) {}

  /**
   * Refuses a database, or settings of its sessions, that the store would not be safe on. One round
   * trip; leaves nothing in the session.
   *
   * <p>A proxy is recognised by the process id of the session: the driver is told one when it
   * connects, and the session says its own. A proxy that shares sessions cannot tell its clients
   * one that stays right, and makes one up. PgBouncer takes random bits, so the two agree about
   * once in four thousand million connections.
   */
  public static Found check(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      requireSupportedServer(connection.getMetaData());
      requireDriver(connection.getMetaData(), PgDatabaseMetaData.class);
      return checkSession(connection);
    } catch (SQLException error) {
      throw SqlErrors.connecting(Operation.reading("connect", List.of()), error);
    }
  }

  private static Found checkSession(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (statement.isWrapperFor(PGStatement.class)) {
        // Behind a proxy, what is prepared stays in a session of others.
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      }
      try (ResultSet row = statement.executeQuery(CHECK)) {
        row.next();
        RequiredSettings.require(row, FIRST_SETTING);
        return found(connection, row.getInt(1), row.getString(2), row.getString(3));
      }
    } finally {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    }
  }

  /**
   * Whether the session is not the one that the driver was told of when it connected, so that a
   * proxy gives the connection one session after another. One round trip.
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

  private static Found found(Connection connection, int backend, String database, String isolation)
      throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)) {
      return new Found(database, isolation, false, false);
    }
    PGConnection driver = connection.unwrap(PGConnection.class);
    requireExtendedQueries(driver);
    return new Found(
        database,
        isolation,
        driver.getBackendPID() != backend,
        driver.getPrepareThreshold() == DRIVERS_PREPARE_THRESHOLD);
  }

  /**
   * Refuses settings under which the driver does not send several statements as one transaction, or
   * not at all.
   */
  private static void requireExtendedQueries(PGConnection driver) {
    if (driver.getPreferQueryMode() == PreferQueryMode.SIMPLE) {
      throw new StoreSetupException(
          "With preferQueryMode=simple the driver commits after each statement, and operations of"
              + " two statements would lose their locks between them: remove it from the URL or the"
              + " data source. Behind a pooling proxy, prepareThreshold=0 does what it is used for",
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
   * Refuses connections that somebody else opens, and that would meet other clients in the sessions
   * of a proxy.
   */
  public static void requireUnprepared(Found found) {
    if (found.preparing()) {
      throw new StoreSetupException(
          "A pooling proxy stands before the database (see the option poolingProxy), and the"
              + " connections prepare statements on the server, where other clients of the proxy"
              + " have statements of the same names. Set prepareThreshold=0 in the URL or the"
              + " properties of the data source. If the proxy carries prepared statements along, as"
              + " PgBouncer from 1.21 does with max_prepared_statements, or keeps a session for"
              + " each client, set prepareThreshold=1",
          null);
    }
  }

  /**
   * Refuses a server that is not PostgreSQL, or is too old.
   *
   * @throws StoreSetupException saying which
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

  /** What failed is read from the driver's own classes, so there may be but one copy of them. */
  public static void requireDriver(DatabaseMetaData metaData, Class<?> ours) {
    if (metaData.getClass().getName().equals(ours.getName()) && !ours.isInstance(metaData)) {
      throw new StoreSetupException(
          "The data source's PostgreSQL driver is another copy than the one beside this library:"
              + " keep org.postgresql:postgresql out of the deployment, and let it see the"
              + " server's",
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

  /** Under another isolation, the locks between publishers and subscribers would not hold. */
  public static void requireIsolation(String isolation) {
    if (!isolation.equals("read committed")) {
      throw new StoreSetupException(
          ("Connections of the data source start transactions as %s; the store needs READ"
                  + " COMMITTED: set the pool's isolation, or default_transaction_isolation of the"
                  + " role or database")
              .formatted(isolation.toUpperCase(Locale.ROOT)),
          null);
    }
  }
}
