package dev.wfe.postgres.faults;

import dev.wfe.histories.Fault;
import dev.wfe.postgres.faults.network.Direction;
import dev.wfe.postgres.faults.network.FaultyProxy;
import dev.wfe.postgres.faults.network.ProxiedConnection;
import dev.wfe.postgres.faults.server.CrashableServer;
import dev.wfe.postgres.faults.server.ReplicatedServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** All kinds of faults. */
public final class Faults {
  private static final Duration OUTAGE = Duration.ofMillis(100);

  private Faults() {}

  /** All that can go wrong between hosts that are connected through the proxy and the server. */
  public static List<Fault> all(CrashableServer server, FaultyProxy proxy, Random random) {
    Predicate<String> ofTheStore = sql -> sql.contains("\"wfc\".");
    return List.of(
        randomConnectionCut(proxy, random),
        randomSessionTerminated(server.jdbcUrl()),
        cutAfterRequest(proxy, ofTheStore),
        cutBeforeAnswer(proxy, ofTheStore),
        blackHole(proxy, Direction.TO_SERVER, OUTAGE),
        blackHole(proxy, Direction.TO_CLIENT, OUTAGE),
        killAndRestart(server),
        stopAndRestart(server));
  }

  /** What goes wrong. */
  @FunctionalInterface
  private interface Injection {
    void now() throws Exception;
  }

  private record Named(String name, Injection injection) implements Fault {
    @Override
    public void inject() throws Exception {
      injection.now();
    }
  }

  /** One of the connections is reset. */
  public static Fault randomConnectionCut(FaultyProxy proxy, Random random) {
    return new Named("a connection is cut", () -> proxy.cutOne(random));
  }

  /** Nothing comes through in that direction for a while; then everything does. */
  public static Fault blackHole(FaultyProxy proxy, Direction direction, Duration length) {
    return new Named(
        "nothing comes through " + direction,
        () -> {
          proxy.blackHole(direction);
          try {
            TimeUnit.NANOSECONDS.sleep(length.toNanos());
          } finally {
            proxy.heal();
          }
        });
  }

  /** The connection is cut while the server is at the next such request. */
  public static Fault cutAfterRequest(FaultyProxy proxy, Predicate<String> sql) {
    return new Named(
        "a connection is cut right after a request",
        () -> proxy.afterRequest(sql, ProxiedConnection::cut).awaitFired());
  }

  /** The connection is cut when the server has carried out the next such request. */
  public static Fault cutBeforeAnswer(FaultyProxy proxy, Predicate<String> sql) {
    return new Named(
        "a connection is cut right before an answer",
        () -> proxy.beforeAnswer(sql, ProxiedConnection::cut).awaitFired());
  }

  /** A session of the database is ended by an operator. */
  public static Fault randomSessionTerminated(String jdbcUrl) {
    return new Named(
        "a session is terminated",
        () -> {
          try (Connection connection = DriverManager.getConnection(jdbcUrl);
              Statement statement = connection.createStatement()) {
            statement.execute(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()
                  and backend_type = 'client backend'
                order by random() limit 1
                """);
          }
        });
  }

  /** The server is killed and started again. */
  public static Fault killAndRestart(CrashableServer server) {
    return new Named(
        "the server is killed",
        () -> {
          server.kill();
          server.start();
        });
  }

  /** The primary is killed, and its standby takes over; once. */
  public static Fault failOver(ReplicatedServers servers) {
    return new Named("the server fails over", servers::failOver);
  }

  /** The server is stopped without ado, and started again. */
  public static Fault stopAndRestart(CrashableServer server) {
    return new Named(
        "the server is stopped at once",
        () -> {
          server.stop(CrashableServer.StopMode.IMMEDIATE);
          server.start();
        });
  }
}
