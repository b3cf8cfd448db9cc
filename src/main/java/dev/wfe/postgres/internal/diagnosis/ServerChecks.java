package dev.wfe.postgres.internal.diagnosis;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the server: its settings, versions and limits. Immutable.
 *
 * @param version the server's version
 * @param database the quoted name of the database
 * @param role the quoted name of the current role
 * @param standby whether the server only replays the log of another one
 * @param canCompile whether the server has a JIT compiler
 * @param seesSessions whether the role sees the transactions of other roles
 * @param connections the number of connections
 * @param maxConnections the largest number of connections, except those for superusers
 * @param transactionAge how many transactions ago the oldest row may have been written
 * @param freezeAge from which age on PostgreSQL freezes rows in any case
 * @param sharedBuffers the size of the cache, in bytes
 * @param statisticsSince since when the statistics count
 */
record ServerChecks(
    String version,
    String database,
    String role,
    boolean standby,
    boolean canCompile,
    boolean seesSessions,
    long connections,
    long maxConnections,
    long transactionAge,
    long freezeAge,
    long sharedBuffers,
    String statisticsSince) {
  static final List<String> SETTINGS =
      List.of(
          "autovacuum",
          "default_transaction_read_only",
          "fsync",
          "full_page_writes",
          "idle_in_transaction_session_timeout",
          "jit",
          "statement_timeout",
          "synchronous_commit",
          "track_counts");

  private static final long DEFAULT_BUFFERS = 128L << 20;
  private static final long HALF_OF_ALL_IDS = 1_000_000_000;

  /**
   * A setting.
   *
   * @param source where the value comes from, as in {@code pg_settings}
   */
  record Setting(String value, String source) {
    boolean is(String other) {
      return value.equals(other);
    }
  }

  static ServerChecks read(ResultSet row) throws SQLException {
    return new ServerChecks(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getBoolean(4),
        row.getBoolean(5),
        row.getBoolean(6),
        row.getLong(7),
        row.getLong(8),
        row.getLong(9),
        row.getLong(10),
        row.getLong(11),
        row.getString(12));
  }

  void checkSettings(Map<String, Setting> settings, Findings findings) {
    if (isOff(settings, "fsync")) {
      findings.critical(
          "fsync",
          "fsync is off",
          "A crash of the machine can destroy the database, not only its last writes",
          set(settings, "fsync", "on"));
    }
    if (isOff(settings, "full_page_writes")) {
      findings.critical(
          "full_page_writes",
          "full_page_writes is off",
          "A crash of the machine can leave half-written pages, which cannot be repaired",
          set(settings, "full_page_writes", "on"));
    }
    if (isOff(settings, "synchronous_commit")) {
      findings.critical(
          "synchronous_commit",
          "synchronous_commit is off",
          "A crash of the server loses the last writes, although hosts were told that they are"
              + " committed: steps are executed again",
          set(settings, "synchronous_commit", "on"));
    }
    if (isOff(settings, "track_counts")) {
      findings.warning(
          "track_counts",
          "track_counts is off",
          "Autovacuum does not notice dead rows without it, so the tables grow",
          set(settings, "track_counts", "on"));
    }
    if (isOff(settings, "autovacuum")) {
      findings.warning(
          "autovacuum",
          "autovacuum is off",
          "Each write leaves a dead row: without vacuum, tables and indexes grow, and claims become"
              + " slow",
          set(settings, "autovacuum", "on"));
    }
    if (canCompile && isOn(settings, "jit")) {
      findings.info(
          "jit",
          "The JIT compiler is on",
          "The statements of a store take less than a millisecond. PostgreSQL compiles those that"
              + " look expensive, which takes longer than to execute them",
          "alter database %s set jit = off;".formatted(database));
    }
    checkTimeouts(settings, findings);
  }

  private void checkTimeouts(Map<String, Setting> settings, Findings findings) {
    Setting statement = settings.get("statement_timeout");
    if (statement != null && statement.value().matches("\\d+ms")) {
      findings.warning(
          "statement_timeout",
          "statement_timeout is " + statement.value(),
          "Operations under load, batches of a purge and queries of operators can take a second or"
              + " more, and are cancelled",
          set(settings, "statement_timeout", "'30s'"));
    }
    Setting idle = settings.get("idle_in_transaction_session_timeout");
    if (idle != null && idle.is("0")) {
      findings.info(
          "idle_in_transaction_session_timeout",
          "Idle transactions are never ended",
          "A client that hangs in a transaction keeps its locks, and keeps vacuum from removing dead"
              + " rows",
          "alter database %s set idle_in_transaction_session_timeout = '5min';"
              .formatted(database));
    }
    if (standby || isOn(settings, "default_transaction_read_only")) {
      findings.critical(
          "read_only",
          standby ? "The server is a standby" : "default_transaction_read_only is on",
          "Hosts cannot write",
          standby
              ? "connect to the primary: targetServerType=primary in the URL"
              : "set default_transaction_read_only = off; "
                  + set(settings, "default_transaction_read_only", "off"));
    }
  }

  private static boolean isOff(Map<String, Setting> settings, String name) {
    Setting setting = settings.get(name);
    return setting != null && setting.is("off");
  }

  private static boolean isOn(Map<String, Setting> settings, String name) {
    Setting setting = settings.get(name);
    return setting != null && setting.is("on");
  }

  /** Returns the statement that sets a value where the present one comes from. */
  private String set(Map<String, Setting> settings, String name, String value) {
    @Nullable Setting setting = settings.get(name);
    String source = setting == null ? "" : setting.source();
    return switch (source) {
      case "database" -> "alter database %s set %s = %s;".formatted(database, name, value);
      case "user" -> "alter role %s set %s = %s;".formatted(role, name, value);
      case "database user" ->
          "alter role %s in database %s set %s = %s;".formatted(role, database, name, value);
      case "client", "session" -> "remove %s from the URL and the pool".formatted(name);
      case "command line" -> "remove %s from the server's command line".formatted(name);
      default ->
          "alter system set %s = %s; select pg_catalog.pg_reload_conf();".formatted(name, value);
    };
  }

  void checkLimits(Findings findings) {
    if (connections * 10 > maxConnections * 8) {
      findings.warning(
          "connections",
          "%s of %s connections are in use".formatted(connections, maxConnections),
          "When none is left, hosts fail to connect, and this program too",
          "reduce the pools of the applications, or: alter system set max_connections = %s; -- and"
                  .formatted(maxConnections * 2)
              + " restart the server");
    }
    if (transactionAge > Math.min(2 * freezeAge, HALF_OF_ALL_IDS)) {
      findings.critical(
          "transaction_ids",
          "The oldest row is %s transactions old".formatted(transactionAge),
          "Vacuum does not keep up. At 2,000,000,000, PostgreSQL refuses all writes",
          "end what holds vacuum back (old transactions, slots), then: vacuum (freeze);");
    }
    if (!seesSessions) {
      findings.info(
          "visibility",
          "The role %s does not see the transactions of other roles".formatted(role),
          "This check cannot tell whether an old transaction holds vacuum back",
          "grant pg_read_all_stats to %s;".formatted(role));
    }
  }

  void checkCache(long storeBytes, Findings findings) {
    if (sharedBuffers <= DEFAULT_BUFFERS && storeBytes > 4 * sharedBuffers) {
      findings.info(
          "shared_buffers",
          "shared_buffers is %s, the store has %s"
              .formatted(Findings.mebibytes(sharedBuffers), Findings.mebibytes(storeBytes)),
          "PostgreSQL's default is small. A quarter of the memory is usual for a server of its own",
          "alter system set shared_buffers = '2GB'; -- and restart the server");
    }
  }
}
