package dev.wfe.postgres.faults.server;

import dev.wfe.postgres.faults.Eventually;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A primary and its synchronous standby, without a store. */
public final class ReplicatedServers implements AutoCloseable {
  private final CrashableServer primary;
  private final CrashableServer standby;

  private ReplicatedServers(CrashableServer primary, CrashableServer standby) {
    this.primary = primary;
    this.standby = standby;
  }

  /** Starts both with these programs. */
  public static ReplicatedServers started(ServerPrograms programs)
      throws IOException, InterruptedException, SQLException {
    ReplicatedServers servers =
        new ReplicatedServers(CrashableServer.of(programs), CrashableServer.of(programs));
    try {
      servers.replicate();
      return servers;
    } catch (IOException | InterruptedException | SQLException | RuntimeException failure) {
      servers.close();
      throw failure;
    }
  }

  /**
   * The standby copies the primary before that is told to wait for it, so that, once promoted, it
   * waits for nobody.
   */
  private void replicate() throws IOException, InterruptedException, SQLException {
    primary.initialize();
    primary.start();
    standby.copy(primary);
    standby.start();
    try (Connection connection = DriverManager.getConnection(primary.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute("alter system set synchronous_standby_names to '*'");
      statement.execute("select pg_reload_conf()");
      Eventually.isTrue("the standby is a synchronous one", () -> isSynchronous(statement));
    }
  }

  private static boolean isSynchronous(Statement statement) {
    try (ResultSet rows =
        statement.executeQuery("select sync_state = 'sync' from pg_stat_replication")) {
      return rows.next() && rows.getBoolean(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  CrashableServer standby() {
    return standby;
  }

  /** Both, in the form of {@code host:port,host:port}. */
  String hostsAndPorts() {
    return primary.hostAndPort() + "," + standby.hostAndPort();
  }

  /** The URL of whichever takes writes. */
  public String jdbcUrl() {
    return "jdbc:postgresql://%s/postgres?targetServerType=primary&user=postgres"
        .formatted(hostsAndPorts());
  }

  /** Kills the primary, and makes the standby take writes. */
  public void failOver() throws IOException, InterruptedException {
    primary.kill();
    standby.promote();
  }

  @Override
  public void close() {
    primary.close();
    standby.close();
  }
}
