package dev.wfe.postgres.wakeups;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.persistence.Registration;
import dev.wfe.postgres.OpenTransaction;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.faults.server.CrashableServer;
import dev.wfe.postgres.faults.server.CrashableServer.StopMode;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.PgBouncer;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.lang.Thread.State;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The session that listens: when there is one, whose it is, and what happens when it ends. */
@ExtendWith(TestDatabaseExtension.class)
final class SessionsTest {
  private static final String NOT_RECEIVED = "No notifications that work is due are received";

  private final TestDatabase database;

  SessionsTest(TestDatabase database) {
    this.database = database;
    database.emptyStore("wfc");
  }

  /** The threads that send or listen. */
  static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("wfe-postgres-wake-ups"))
        .toList();
  }

  private void assertNoneLeft() {
    Eventually.isTrue("no thread", () -> threads().isEmpty());
    Eventually.isTrue("no session", () -> Notifications.listeningSessions(database).isEmpty());
  }

  private PostgresPersistenceProvider connect() {
    return PostgresPersistenceProvider.connect(database.url());
  }

  @Test
  void aSessionListensAsLongAsThereIsAListener() throws Exception {
    assertNoneLeft();
    ClassLoader ofLibrary = PostgresPersistenceProvider.class.getClassLoader();
    try (PostgresPersistenceProvider provider = connect()) {
      assertThat(threads()).isEmpty();
      Listener first = Listener.listening(provider);
      try (Listener second = Listener.registered(provider)) {
        assertThat(Notifications.listeningSessions(database)).hasSize(1);
        first.close();
        second.assertWokenBy(() -> provider.createNewWorkflow(WakeUpsTest.workflow()));
        assertThat(Notifications.listeningSessions(database)).hasSize(1);
        assertThat(threads())
            .hasSize(2)
            .allMatch(Thread::isDaemon)
            .allMatch(thread -> thread.getContextClassLoader() == ofLibrary);
      }
      Eventually.isTrue("no thread that listens", () -> threads().size() == 1);
      assertThat(Notifications.listeningSessions(database)).isEmpty();

      try (Listener again = Listener.listening(provider);
          PostgresPersistenceProvider other = connect()) {
        again.assertWokenBy(() -> other.createNewWorkflow(WakeUpsTest.workflow()));
      }
    }
  }

  /** The session is released before the close returns, because a pool may be closed next. */
  @Test
  void closeEndsSessionAndThread() {
    PostgresPersistenceProvider provider = connect();
    Listener listener = Listener.listening(provider);
    provider.createNewWorkflow(WakeUpsTest.workflow());
    provider.close();
    listener.close();
    assertNoneLeft();
  }

  @Test
  void aListenerMayCloseTheProvider() {
    PostgresPersistenceProvider provider = connect();
    try (Registration registration = provider.onWorkDue(provider::close)) {
      assertThat(registration).isNotNull();
      assertNoneLeft();
    }
  }

  @Test
  void aSessionThatEndsIsReplacedAndListenersAreTold() throws Exception {
    try (PostgresPersistenceProvider provider = connect();
        PostgresPersistenceProvider other = connect();
        Listener listener = Listener.listening(provider)) {
      listener.assertWokenBy(this::terminateListeningSessions);
      listener.assertWokenBy(() -> other.createNewWorkflow(WakeUpsTest.workflow()));
      assertThat(Notifications.listeningSessions(database)).hasSize(1);
    }
  }

  private void terminateListeningSessions() {
    assertThat(
            database.queryForStrings(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and query = 'listen "wfe.wfc."'
                  and pid <> pg_backend_pid()
                """))
        .containsExactly("t");
  }

  @Test
  void aServerThatRestartsIsListenedToAgain() throws Exception {
    try (CrashableServer server = CrashableServer.started();
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(server.jdbcUrl());
        Listener listener = Listener.listening(provider)) {
      listener.assertWokenBy(
          () -> {
            server.stop(StopMode.FAST);
            server.start();
          });
      try (PostgresPersistenceProvider other =
          PostgresPersistenceProvider.connect(server.jdbcUrl())) {
        listener.assertWokenBy(() -> other.createNewWorkflow(WakeUpsTest.workflow()));
      }
    }
  }

  private HikariDataSource pool(int size) {
    return pool(size, null);
  }

  private HikariDataSource pool(int size, @Nullable String first) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url());
    config.setMaximumPoolSize(size);
    config.setAutoCommit(false);
    config.setConnectionInitSql(first);
    return new HikariDataSource(config);
  }

  @Test
  void aPoolOfTheApplicationLendsAConnectionAndGetsItBackAsItWas() throws Exception {
    try (HikariDataSource pool = pool(4);
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(pool);
        PostgresPersistenceProvider other = connect()) {
      Listener listener = Listener.listening(provider);
      listener.assertWokenBy(() -> other.createNewWorkflow(WakeUpsTest.workflow()));
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
      listener.close();
      Eventually.isTrue("returned", () -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
      assertAllConnectionsAreFit(pool, 4);
    }
  }

  /** The application may use its connections to listen to something else. */
  @Test
  void foreignChannelsOfTheConnectionWakeNobody() throws Exception {
    try (HikariDataSource pool = pool(4, "listen elsewhere; commit");
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(pool);
        Listener listener = Listener.listening(provider)) {
      for (int i = 0; i < 50; i++) {
        database.execute("notify elsewhere");
      }
      listener.assertWokenBy(() -> database.execute("notify \"wfe.wfc.\""));
      assertThat(listener.calls()).isEqualTo(2);
    }
  }

  @Test
  void aProviderWithAUrlSendsOnASessionOfItsOwn() throws Exception {
    try (Notifications sent = new Notifications(database);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(
                database.url(), PostgresOptions.builder().poolSize(1).build())) {
      provider.createNewWorkflow(WakeUpsTest.workflow());
      sent.await(1);
      assertThat(Notifications.sessions(database, "true")).hasSize(2);
      assertThat(Notifications.sendingSessions(database)).hasSize(1);

      endSendingSession();
      provider.createNewWorkflow(WakeUpsTest.workflow());
      assertThat(sent.await(1)).hasSize(1);
    }
    Eventually.isTrue("no session", () -> Notifications.sessions(database, "true").isEmpty());
  }

  /** Ends the session that has sent, which the provider does not notice before it sends again. */
  private void endSendingSession() {
    Notifications.sendingSessions(database)
        .forEach(
            pid ->
                database.queryForString(
                    "select pg_terminate_backend(%s, 10000)::text".formatted(pid)));
  }

  /** Callers need the connections more than who sends. */
  @Test
  void aPoolWithoutAFreeConnectionSendsLater() throws Exception {
    List<Runnable> committed = new ArrayList<>();
    AtomicReference<OpenTransaction> caller = new AtomicReference<>();
    try (Notifications sent = new Notifications(database);
        HikariDataSource pool = pool(1);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(
                pool, () -> Optional.ofNullable(caller.get()), PostgresOptions.defaults())) {
      Connection connection = pool.getConnection();
      caller.set(OpenTransaction.of(connection, committed::add));
      provider.createNewWorkflow(WakeUpsTest.workflow());
      connection.commit();
      committed.forEach(Runnable::run);
      Eventually.isTrue(
          "the thread waits",
          () -> threads().stream().anyMatch(thread -> thread.getState() == State.TIMED_WAITING));
      assertThat(pool.getHikariPoolMXBean().getThreadsAwaitingConnection()).isZero();
      assertThat(sent.all()).isEmpty();
      connection.close();
      assertThat(sent.await(1)).hasSize(1);
      Eventually.isTrue("returned", () -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
      assertAllConnectionsAreFit(pool, 1);
    }
  }

  /** The pool does not see that the session has ended, because the driver itself waits. */
  @Test
  void aPoolOfTheApplicationDoesNotGetABrokenConnectionBack() throws Exception {
    try (HikariDataSource pool = pool(4);
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(pool);
        Listener listener = Listener.listening(provider)) {
      listener.assertWokenBy(this::terminateListeningSessions);
      assertAllConnectionsAreFit(pool, 3);
    }
  }

  private static void assertAllConnectionsAreFit(DataSource pool, int count) throws SQLException {
    List<Connection> borrowed = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        borrowed.add(pool.getConnection());
        assertThat(borrowed.get(i).getAutoCommit()).isFalse();
        try (Statement statement = borrowed.get(i).createStatement();
            ResultSet row =
                statement.executeQuery(
                    """
                    select (select count(*) from pg_listening_channels())
                      + (select count(*) from pg_settings where setting <> reset_val
                        and name in ('synchronous_commit', 'lock_timeout'))
                    """)) {
          row.next();
          assertThat(row.getInt(1)).isZero();
        }
      }
    } finally {
      for (Connection connection : borrowed) {
        connection.close();
      }
    }
  }

  @Test
  void aSmallPoolOfTheApplicationLendsNone() {
    try (LogCapture log = new LogCapture();
        HikariDataSource pool = pool(3);
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(pool)) {
      assertNotReceived(log, provider, "the pool of the application has fewer than 4 connections");
    }
  }

  @Test
  void aSmallPoolOfHibernateLendsNone() {
    try (LogCapture log = new LogCapture();
        SessionFactory unit = unit("3");
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(unit)) {
      assertNotReceived(log, provider, "the pool of the application has fewer than 4 connections");
    }
  }

  @Test
  void aPersistenceUnitLendsAConnection() throws Exception {
    try (SessionFactory unit = unit("4");
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(unit);
        PostgresPersistenceProvider other = connect();
        Listener listener = Listener.listening(provider)) {
      listener.assertWokenBy(() -> other.createNewWorkflow(WakeUpsTest.workflow()));
    }
  }

  private SessionFactory unit(String poolSize) {
    Configuration configuration =
        new Configuration()
            .setProperty(AvailableSettings.JAKARTA_JDBC_URL, database.url())
            .setProperty("hibernate.hikari.maximumPoolSize", poolSize);
    StoreEntities.ALL.forEach(configuration::addAnnotatedClass);
    return configuration.buildSessionFactory();
  }

  @Test
  void connectionsThatHideTheDriverDoNotListen() {
    try (LogCapture log = new LogCapture();
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(hidingDriver())) {
      assertNotReceived(log, provider, "do not unwrap org.postgresql.PGConnection");
    }
  }

  private DataSource hidingDriver() {
    return proxy(
        DataSource.class,
        database.dataSource(),
        (target, method, arguments) -> {
          Object result = invoke(target, method, arguments);
          return result instanceof Connection connection
              ? proxy(
                  Connection.class,
                  connection,
                  (driver, called, given) ->
                      called.getName().equals("isWrapperFor")
                          ? false
                          : invoke(driver, called, given))
              : result;
        });
  }

  private interface Handler {
    Object handle(Object target, java.lang.reflect.Method method, Object[] arguments)
        throws Throwable;
  }

  private static <T> T proxy(Class<T> type, T target, Handler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            SessionsTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> handler.handle(target, method, arguments)));
  }

  private static Object invoke(Object target, java.lang.reflect.Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }

  /** Says so once, however many listeners there are. */
  private void assertNotReceived(
      LogCapture log, PostgresPersistenceProvider provider, String reason) {
    for (int i = 0; i < 2; i++) {
      try (Listener listener = Listener.registered(provider)) {
        Eventually.isTrue("said so", () -> log.text().contains(NOT_RECEIVED));
        provider.createNewWorkflow(WakeUpsTest.workflow());
        assertThat(listener.calls()).isEqualTo(1);
      }
    }
    assertThat(log.text()).containsOnlyOnce(NOT_RECEIVED).contains(reason, "wfe.direct-url");
    assertThat(Notifications.listeningSessions(database)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void behindAProxyADirectUrlIsNeededToListen(boolean isDirect) throws Exception {
    try (LogCapture log = new LogCapture();
        PgBouncer proxy = PgBouncer.before(database, 3);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(
                proxy.url(),
                PostgresOptions.builder()
                    .poolSize(3)
                    .directUrl(isDirect ? database.url() : null)
                    .build());
        PostgresPersistenceProvider other = connect()) {
      if (isDirect) {
        try (Listener listener = Listener.listening(provider)) {
          listener.assertWokenBy(() -> other.createNewWorkflow(WakeUpsTest.workflow()));
        }
      } else {
        assertNotReceived(log, provider, "the connections go through a pooling proxy");
      }
      try (Listener listener = Listener.listening(other)) {
        listener.assertWokenBy(() -> provider.createNewWorkflow(WakeUpsTest.workflow()));
      }
    }
  }
}
