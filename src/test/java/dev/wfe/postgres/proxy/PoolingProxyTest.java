package dev.wfe.postgres.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.Operations;
import dev.wfe.postgres.testing.PgBouncer;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.hibernate.cfg.AvailableSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Hosts behind PgBouncer in transaction mode, all of them in one session, so that anything left in
 * the session would affect the next host.
 */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PoolingProxyTest {
  private static final int ONE_SESSION = 1;

  /** How often the driver of itself runs a statement before it prepares it on the server. */
  private static final int DRIVERS_THRESHOLD = 5;

  private static final PostgresOptions PROXIED =
      PostgresOptions.builder().poolSize(3).poolingProxy(true).build();

  private static final String ALTER_DATABASE =
      "do $$ begin execute format('alter database %%I %s', current_database()); end $$";

  private static final String LEFT_IN_SESSION =
      """
      select pg_backend_pid() || ': '
        || (select string_agg(name || '=' || setting, ', ' order by name) from pg_settings
          where context in ('user', 'superuser') and name not like 'transaction%')
        || (select count(*) || ' statements, ' from pg_prepared_statements)
        || (select count(*) || ' cursors, ' from pg_cursors where name <> '')
        || (select count(*) || ' locks, ' from pg_locks
          where locktype = 'advisory' and pid = pg_backend_pid())
        || (select count(*) || ' temporary tables' from pg_class
          where relnamespace = pg_my_temp_schema())
      """;

  private final TestDatabase database;
  private final PgBouncer proxy;

  PoolingProxyTest(TestDatabase database) {
    this.database = database;
    this.proxy = PgBouncer.before(database, ONE_SESSION);
  }

  @AfterAll
  void endProxy() {
    proxy.close();
  }

  @AfterEach
  void emptyTables() {
    try (PostgresPersistenceProvider direct = PostgresPersistenceProvider.connect(database.url())) {
      direct.truncateAll();
    }
  }

  private PostgresPersistenceProvider host(String name) {
    return PostgresPersistenceProvider.connect(
        proxy.url(), PROXIED.toBuilder().applicationName(name).build());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDataSourceThatPreparesNothingWorks(boolean option) throws SQLException {
    PGSimpleDataSource external = new PGSimpleDataSource();
    external.setUrl(proxy.url());
    external.setPrepareThreshold(0);
    PostgresOptions options = PROXIED.toBuilder().poolingProxy(option).build();
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.over(external, options)) {
      runEveryOperation(proxy, provider, 2);
    }
  }

  @Test
  void aFactoryWithTheOptionsSettingsWorks() throws SQLException {
    Map<String, Object> properties = new HashMap<>(PROXIED.hibernateProperties());
    properties.put(AvailableSettings.JAKARTA_JDBC_URL, proxy.url());
    try (EntityManagerFactory factory = Persistence.createEntityManagerFactory("wfe", properties);
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(factory, PROXIED)) {
      runEveryOperation(proxy, provider, DRIVERS_THRESHOLD + 1);
    }
  }

  /** Without the option: the proxy is recognised when the store is opened. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aUrlWorksWithAndWithoutTheOption(boolean option) throws SQLException {
    PostgresOptions options = PROXIED.toBuilder().poolingProxy(option).build();
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(proxy.url(), options)) {
      runEveryOperation(proxy, provider, 2);
      assertThat(provider.options().poolingProxy()).isTrue();
      assertThatThrownBy(provider::ensureStoreExists)
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("go through a pooling proxy")
          .hasMessageContaining("directUrl");
    }
  }

  private static void runEveryOperation(
      PgBouncer through, PostgresPersistenceProvider provider, int times) throws SQLException {
    for (int i = 0; i < times; i++) {
      Operations.fill(provider);
      Operations.all().values().forEach(call -> call.accept(provider));
    }
    assertThat(strangerReads(through, "select count(*) from pg_prepared_statements"))
        .isEqualTo("0");
  }

  @Test
  void twoHostsInOneSessionDoNotInterfere() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (PostgresPersistenceProvider one = host("one");
        PostgresPersistenceProvider other = host("other")) {
      Future<List<Long>> numbersOfOne = threads.submit(() -> numbered(one, "one"));
      Future<List<Long>> numbersOfOther = threads.submit(() -> numbered(other, "other"));

      assertThat(numbersOfOne.get()).isEqualTo(LongStream.rangeClosed(1, 100).boxed().toList());
      assertThat(numbersOfOther.get()).isEqualTo(numbersOfOne.get());
      for (int i = 0; i < 3; i++) {
        assertThat(current(one, "application_name")).isEqualTo("one");
        assertThat(current(other, "application_name")).isEqualTo("other");
      }
      assertThat(backend(one)).isEqualTo(backend(other));
    } finally {
      threads.shutdownNow();
    }
  }

  /** Draws numbers, and writes each into a workflow of its own that it reads back. */
  private static List<Long> numbered(PostgresPersistenceProvider host, String name) {
    return LongStream.rangeClosed(1, 100)
        .map(
            i -> {
              String id = name + i;
              host.createNewWorkflow(WorkflowInstance.builder(name, 1).id(id).build());
              host.persistWorkflow(
                  host.getWorkflowInstance(id).toBuilder()
                      .reference(Long.toString(host.nextDefinitionSequence(name)))
                      .build());
              return Long.parseLong(String.valueOf(host.getWorkflowInstance(id).reference()));
            })
        .boxed()
        .toList();
  }

  private static String current(PostgresPersistenceProvider host, String setting) {
    return value(host, "current_setting('%s')".formatted(setting));
  }

  private static String backend(PostgresPersistenceProvider host) {
    return value(host, "pg_backend_pid()::text");
  }

  private static String value(PostgresPersistenceProvider host, String expression) {
    try (EntityManager entities = host.entityManagerFactory().createEntityManager()) {
      return (String)
          entities.createNativeQuery("select " + expression, String.class).getSingleResult();
    }
  }

  @Test
  void noOperationLeavesAnythingInTheSession() throws SQLException {
    try (PgBouncer newSession = PgBouncer.before(database, ONE_SESSION)) {
      String before = strangerReads(newSession, LEFT_IN_SESSION);
      try (PostgresPersistenceProvider provider =
          PostgresPersistenceProvider.connect(newSession.url(), PROXIED)) {
        Operations.fill(provider);
        assertThat(strangerReads(newSession, LEFT_IN_SESSION)).as("fill").isEqualTo(before);
        for (Map.Entry<String, Consumer<PostgresPersistenceProvider>> operation :
            Operations.all().entrySet()) {
          operation.getValue().accept(provider);
          assertThat(strangerReads(newSession, LEFT_IN_SESSION))
              .as(operation.getKey())
              .isEqualTo(before);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "search_path to pg_temp",
        "array_nulls to off",
        "intervalstyle to sql_standard",
        "bytea_output to escape",
        "extra_float_digits to -15",
        "row_security to off"
      })
  void settingsThatOthersLeftInTheSessionHaveNoEffect(String setting) throws SQLException {
    strangerRuns("set " + setting);
    try (PostgresPersistenceProvider provider = host("undisturbed")) {
      runEveryOperation(proxy, provider, 1);
    } finally {
      strangerRuns("reset " + setting.replaceFirst(" .*", ""));
    }
  }

  private static Connection stranger(PgBouncer proxy) throws SQLException {
    PGSimpleDataSource stranger = new PGSimpleDataSource();
    stranger.setUrl(proxy.url());
    stranger.setPrepareThreshold(0);
    return stranger.getConnection();
  }

  private void strangerRuns(String sql) throws SQLException {
    try (Connection connection = stranger(proxy);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String strangerReads(PgBouncer proxy, String sql) throws SQLException {
    try (Connection connection = stranger(proxy);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"repeatable read", "serializable"})
  void anIsolationLeftInTheSessionIsRefusedWhereEventsWouldBeLost(String isolation)
      throws SQLException {
    try (PostgresPersistenceProvider provider = host("refusing")) {
      Operations.fill(provider);
      strangerRuns("set session characteristics as transaction isolation level " + isolation);
      try {
        for (String operation :
            List.of(
                "createEventSubscription",
                "persistWorkflowWithSubscriptions",
                "markEventProcessed")) {
          assertThatThrownBy(() -> Operations.call(operation).accept(provider))
              .isInstanceOf(StoreSetupException.class)
              .hasMessageStartingWith(operation + ": the transaction is not READ COMMITTED");
        }
        assertThat(provider.getEvent("e").processed()).isFalse();
      } finally {
        strangerRuns("reset default_transaction_isolation");
      }
      Operations.call("markEventProcessed").accept(provider);
      assertThat(provider.getEvent("e").processed()).isTrue();
    }
  }

  /** To pin it would be to set it on a session that is everybody's. */
  @Test
  void anotherDefaultIsolationIsRefusedAndTheSessionLeftAsItIs() throws SQLException {
    database.execute(ALTER_DATABASE.formatted("set default_transaction_isolation to serializable"));
    try (PgBouncer newSession = PgBouncer.before(database, ONE_SESSION)) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.connect(newSession.url(), PROXIED))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("start transactions at isolation SERIALIZABLE");
      assertThat(
              strangerReads(
                  newSession,
                  "select source from pg_settings where name = 'default_transaction_isolation'"))
          .isEqualTo("database");
    } finally {
      database.execute(ALTER_DATABASE.formatted("reset default_transaction_isolation"));
    }
  }

  /** The proxy must cancel that statement, and no other that the session runs later. */
  @Test
  void onlyTheStatementThatTakesTooLongIsCancelled() throws SQLException {
    PostgresOptions impatient =
        PROXIED.toBuilder()
            .statementTimeout(Duration.ofMillis(10))
            .retryTimeout(Duration.ZERO)
            .build();
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(proxy.url(), impatient);
        PostgresPersistenceProvider patient = host("patient");
        Connection other = database.dataSource().getConnection();
        Statement lock = other.createStatement()) {
      Operations.fill(provider);
      other.setAutoCommit(false);
      lock.execute("lock table wfc.events in access exclusive mode");
      CompletableFuture<Long> waiting =
          CompletableFuture.runAsync(
                  () ->
                      assertThatThrownBy(() -> provider.getEvent("e"))
                          .isInstanceOf(StoreUnavailableException.class)
                          .hasMessageContaining("57014"))
              .thenApply(cancelled -> patient.nextDefinitionSequence("after"));

      assertThat(waiting.join()).isEqualTo(1);
      other.rollback();
      assertThat(provider.getEvent("e").id()).isEqualTo("e");
    }
  }

  @Test
  void operationsThatNeedASessionAreRefusedWithoutTheDirectUrl() {
    try (PostgresPersistenceProvider provider = host("proxied")) {
      assertThatThrownBy(provider::ensureStoreExists)
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("directUrl");
      assertThatThrownBy(provider::validateStore).isInstanceOf(StoreSetupException.class);
    }
  }

  @Test
  void operationsThatNeedASessionUseTheDirectUrl(@EmptyDatabase TestDatabase empty)
      throws SQLException {
    try (PgBouncer before = PgBouncer.before(empty, ONE_SESSION);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(
                before.url(), PROXIED.toBuilder().directUrl(empty.url()).build())) {
      provider.ensureStoreExists();
      provider.validateStore();
      runEveryOperation(before, provider, 1);
    }
  }

  @Test
  void aDatabaseThatTheProxyDoesNotReachMayComeBack() {
    String nowhere = "jdbc:postgresql://127.0.0.1:1/d?user=u&password=secret";
    PostgresOptions impatient = PROXIED.toBuilder().connectTimeout(Duration.ofMillis(500)).build();
    try (PgBouncer before = PgBouncer.before(nowhere, ONE_SESSION)) {
      StoreException failure =
          catchThrowableOfType(
              StoreException.class,
              () -> PostgresPersistenceProvider.connect(before.url(), impatient));

      assertThat(failure).isInstanceOf(StoreUnavailableException.class);
      assertThat(LogCapture.stackTrace(failure)).doesNotContain("secret");
    }
  }

  @Test
  void aParameterThatTheProxyRejectsIsASetupFailure() {
    assertThatThrownBy(
            () ->
                PostgresPersistenceProvider.connect(
                    proxy.url() + "&options=-c%20geqo=off", PROXIED))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContainingAll("nsupported startup parameter", "options");
  }
}
