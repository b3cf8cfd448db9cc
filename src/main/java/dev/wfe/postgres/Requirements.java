package dev.wfe.postgres;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.postgresql.jdbc.PgDatabaseMetaData;

/** What a database must be, looked at once before it is used. */
final class Requirements {
  static final int OLDEST_VERSION = 14;
  private static final int VERSION_UNIT = 10_000;

  private Requirements() {}

  /**
   * Refuses a database that the store would not be safe on.
   *
   * @return what no other database has, as long as its server runs
   */
  static String check(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      requireProduct(connection.getMetaData().getDatabaseProductName());
      requireDriver(connection.getMetaData(), PgDatabaseMetaData.class);
      return checkSettings(connection);
    } catch (SQLException error) {
      throw SqlErrors.connecting("connect", List.of(), error);
    }
  }

  private static String checkSettings(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet settings =
            statement.executeQuery(
                "select current_setting('server_version_num')::int,"
                    + " current_setting('transaction_isolation'),"
                    + " concat_ws(' ', extract(epoch from pg_postmaster_start_time()),"
                    + " current_database())")) {
      settings.next();
      requireVersion(settings.getInt(1));
      requireIsolation(settings.getString(2));
      return settings.getString(3);
    } finally {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    }
  }

  static void requireProduct(String product) {
    if (!product.equals("PostgreSQL")) {
      throw new StoreSetupException("The database is " + product + ", not PostgreSQL", null);
    }
  }

  /** What failed is read from the driver's own classes, so there may be but one copy of them. */
  static void requireDriver(DatabaseMetaData metaData, Class<?> ours) {
    if (metaData.getClass().getName().equals(ours.getName()) && !ours.isInstance(metaData)) {
      throw new StoreSetupException(
          "The data source's PostgreSQL driver is another copy than the one beside this library:"
              + " keep org.postgresql:postgresql out of the deployment, and let it see the"
              + " server's",
          null);
    }
  }

  static void requireVersion(int versionNumber) {
    if (versionNumber < OLDEST_VERSION * VERSION_UNIT) {
      throw new StoreSetupException(
          "PostgreSQL %d is too old; the oldest supported is %d"
              .formatted(versionNumber / VERSION_UNIT, OLDEST_VERSION),
          null);
    }
  }

  /** Under another isolation, the locks between publishers and subscribers would not hold. */
  static void requireIsolation(String isolation) {
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
