package dev.wfe.postgres.internal.connection;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/**
 * Supplies the connections on which a provider sends and receives wake-ups. Closing a connection
 * releases it. Thread-safe.
 *
 * @param sending supplies connections that send
 * @param receiving supplies connections that receive; empty if all connections go through a proxy
 *     that shares sessions
 * @param areOwn whether the provider opens the connections for this purpose alone
 */
public record WakeUpSessions(DataSource sending, Optional<DataSource> receiving, boolean areOwn) {
  /** A pool that is smaller has no connection to spare for a long time. */
  static final int SMALLEST_POOL = 4;

  private static final String REMEDY =
      ": set the option directUrl (wfe.direct-url) to a URL of the database%s, or switch the option"
          + " wakeUps (wfe.wake-ups) off";

  /** No session can receive, and a later attempt has no other result. */
  public static final class Unavailable extends Exception {
    private static final long serialVersionUID = 1L;

    Unavailable(String reason) {
      super(reason);
    }
  }

  /** Whether a connection is free, so that no caller has to wait for the one that sends. */
  public boolean canSend() {
    return areOwn || hikari(sending).map(WakeUpSessions::hasFree).orElse(true);
  }

  private static boolean hasFree(HikariDataSource pool) {
    HikariPoolMXBean state = pool.getHikariPoolMXBean();
    return state == null || state.getActiveConnections() < pool.getMaximumPoolSize();
  }

  /**
   * Opens or borrows a connection that receives.
   *
   * @throws Unavailable if there is none that can
   */
  public Connection openReceiving() throws SQLException, Unavailable {
    DataSource sessions =
        receiving.orElseThrow(
            () ->
                new Unavailable(
                    "the connections go through a pooling proxy"
                        + REMEDY.formatted(" that bypasses the proxy")));
    if (hikari(sessions).filter(pool -> pool.getMaximumPoolSize() < SMALLEST_POOL).isPresent()) {
      throw new Unavailable(
          "the pool of the application has fewer than %s connections"
              .formatted(SMALLEST_POOL)
              .concat(REMEDY.formatted("")));
    }
    Connection connection = sessions.getConnection();
    if (connection.isWrapperFor(PGConnection.class)) {
      return connection;
    }
    connection.close();
    throw new Unavailable(
        "the connections of the data source do not unwrap org.postgresql.PGConnection"
            + REMEDY.formatted(""));
  }

  private static Optional<HikariDataSource> hikari(DataSource dataSource) {
    try {
      return dataSource.isWrapperFor(HikariDataSource.class)
          ? Optional.of(dataSource.unwrap(HikariDataSource.class))
          : Optional.empty();
    } catch (SQLException | RuntimeException unknown) {
      return Optional.empty();
    }
  }
}
