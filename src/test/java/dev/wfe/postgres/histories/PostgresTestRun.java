package dev.wfe.postgres.histories;

import dev.wfe.histories.Fault;
import dev.wfe.histories.TestRun;
import dev.wfe.histories.workload.Workers;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A store in a database on any server, and any kind of workers. */
public final class PostgresTestRun implements TestRun {
  /** What workers connect with. Their sessions are told from others by the application name. */
  public static final PostgresOptions WORKERS =
      PostgresOptions.builder().applicationName("wfe-worker").build();

  /** The sessions of the workers. */
  static final String SESSIONS =
      "from pg_stat_activity where datname = current_database() and application_name ="
          + " 'wfe-worker'";

  private static final long PATIENCE_SECONDS = 60;

  /** What must not be there, each with how many of it there are. */
  private static final Map<String, String> INVARIANTS =
      Map.of(
          "pointers without a workflow",
          """
          select count(*) from wfc.execution_pointers p
          where not exists (select from wfc.workflows w where w.id = p.workflow_id)
          """,
          "workflows without a pointer",
          """
          select count(*) from wfc.workflows w
          where not exists (select from wfc.execution_pointers p where p.workflow_id = w.id)
          """,
          "workflows that two writes made",
          "select count(*) from wfc.workflows where data->>'write' is distinct from description",
          "processed events that an open subscription covers",
          """
          select count(*) from wfc.events e where e.is_processed and exists (
            select from wfc.event_subscriptions s
            where s.event_name = e.event_name and s.event_key = e.event_key
              and s.subscribe_as_of <= e.event_time)
          """,
          "tokens without a worker",
          """
          select count(*) from wfc.event_subscriptions
          where (external_token is null) <> (external_worker_id is null)
            or (external_token is null) <> (external_token_expiry is null)
          """,
          "sessions in a transaction",
          "select count(*) from pg_stat_activity where datname = current_database()"
              + " and state like 'idle in transaction%'",
          "advisory locks",
          """
          select count(*) from pg_locks where locktype = 'advisory' and database = (
            select oid from pg_database where datname = current_database())
          """);

  private final String url;
  private final int maxPauseMillis;
  private final Crew crew;
  private @Nullable PostgresPersistenceProvider provider;
  private List<Fault> faults = List.of();

  /** Who works, and what is done to them. */
  @FunctionalInterface
  public interface Crew {
    /** Sets workers to work with {@link #WORKERS}, and adds the faults. */
    Workers start(Path folder, long seed, List<Fault> faults) throws Exception;
  }

  /**
   * The store must be there.
   *
   * @param url of JDBC, which bypasses the faults on the workers' connections
   * @param maxPauseMillis the longest pause between two faults
   */
  public PostgresTestRun(String url, int maxPauseMillis, Crew crew) {
    this.url = url;
    this.maxPauseMillis = maxPauseMillis;
    this.crew = crew;
  }

  @Override
  public void empty() {
    connect().truncateAll();
  }

  /** Anew each time: faults may have left nothing but broken connections. */
  private PostgresPersistenceProvider connect() {
    close();
    PostgresPersistenceProvider opened = PostgresPersistenceProvider.connect(url);
    provider = opened;
    return opened;
  }

  private List<String> query(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> column = new ArrayList<>();
      while (rows.next()) {
        column.add(rows.getString(1));
      }
      return column;
    }
  }

  private boolean hasSessions() {
    try {
      return !query("select count(*) " + SESSIONS).equals(List.of("0"));
    } catch (SQLException notThereYet) {
      return true;
    }
  }

  @Override
  public Workers start(Path folder, long seed) throws Exception {
    List<Fault> added = new ArrayList<>();
    Workers workers = crew.start(folder, seed, added);
    faults = added;
    return workers;
  }

  @Override
  public List<Fault> faults() {
    return faults;
  }

  @Override
  public int maxPauseMillis() {
    return maxPauseMillis;
  }

  /** What a killed process had sent is carried out until its session ends. */
  @Override
  public PersistenceProvider afterwards() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (hasSessions()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("Sessions of workers do not end");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    return connect();
  }

  @Override
  public Set<String> leftCommands() {
    try {
      return Set.copyOf(query("select command_name || ' ' || data from wfc.scheduled_commands"));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<String> storedErrors() {
    try {
      return query("select message from wfc.execution_errors");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<String> brokenInvariants() {
    List<String> broken = new ArrayList<>();
    INVARIANTS.forEach(
        (what, sql) -> {
          try {
            String count = query(sql).get(0);
            if (!"0".equals(count)) {
              broken.add("there are %s: %s".formatted(what, count));
            }
          } catch (SQLException e) {
            throw new IllegalStateException(what, e);
          }
        });
    return broken;
  }

  @Override
  public void close() {
    if (provider != null) {
      provider.close();
    }
  }
}
