package dev.wfe.postgres.histories;

import dev.wfe.histories.Fault;
import dev.wfe.histories.Stage;
import dev.wfe.histories.Workers;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The store in a database, and whoever is set to work on it. */
final class PostgresStage implements Stage {
  /** What workers connect with. Their sessions are told from others by the application name. */
  static final PostgresOptions WORKERS =
      PostgresOptions.defaults().withApplicationName("wfe-worker");

  /** The sessions of the workers. */
  static final String SESSIONS =
      "from pg_stat_activity where datname = current_database() and application_name = 'wfe-worker'";

  private static final long PATIENCE_SECONDS = 60;
  private static final int MAX_PAUSE_MILLIS = 40;

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

  private final TestDatabase database;
  private final Crew crew;
  private final PostgresPersistenceProvider provider;
  private List<Fault> faults = List.of();

  /** Who works, and what is done to them. */
  interface Crew {
    /** Sets workers to work, and adds the faults. */
    Workers start(Path folder, long seed, List<Fault> faults) throws Exception;
  }

  PostgresStage(TestDatabase database, Crew crew) {
    this.database = database;
    this.crew = crew;
    this.provider = PostgresPersistenceProvider.connect(database.url());
  }

  @Override
  public void empty() {
    provider.truncateAll();
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
    return MAX_PAUSE_MILLIS;
  }

  /** What a killed process had sent is carried out until its session ends. */
  @Override
  public PersistenceProvider afterwards() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!"0".equals(database.queryForString("select count(*) " + SESSIONS))) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("Sessions of workers do not end");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    return provider;
  }

  @Override
  public Set<String> leftCommands() {
    Set<String> left = new HashSet<>();
    for (@Nullable String command :
        database.queryForStrings(
            "select command_name || ' ' || data from wfc.scheduled_commands")) {
      left.add(Objects.requireNonNull(command));
    }
    return left;
  }

  @Override
  public List<String> brokenInvariants() {
    List<String> broken = new ArrayList<>();
    INVARIANTS.forEach(
        (what, sql) -> {
          String count = database.queryForString(sql);
          if (!"0".equals(count)) {
            broken.add("there are %s: %s".formatted(what, count));
          }
        });
    return broken;
  }

  @Override
  public void close() {
    provider.close();
  }
}
