package dev.wfe.postgres.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.FakeServer;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.Operations;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

@ExtendWith(TestDatabaseExtension.class)
final class ExternalDataSourceTest {
  private final TestDatabase database;

  ExternalDataSourceTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void emptyTables() {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.over(database.dataSource())) {
      provider.truncateAll();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyConnectionComesBackUnchanged(boolean autoCommit) throws SQLException {
    try (WatchedDataSource watched = new WatchedDataSource(database.dataSource(), autoCommit);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(watched.dataSource())) {
      watched.requireUntouched("over");
      provider.ensureStoreExists();
      watched.requireUntouched("ensureStoreExists");
      provider.validateStore();
      watched.requireUntouched("validateStore");
      Operations.fill(provider);
      Operations.all()
          .forEach(
              (operation, call) -> {
                call.accept(provider);
                watched.requireUntouched(operation);
              });
      assertThat(provider.getRunnableInstances(Instant.MAX)).isEmpty();
    }
  }

  /**
   * The driver gives these the state of a server that is not there, and says so in any language.
   */
  @ParameterizedTest
  @CsvSource({
    "sslmode, bogus",
    "gssEncMode, bogus",
    "targetServerType, bogus",
    "protocolVersion, 2",
    "socketFactory, no.such.Factory"
  })
  void aParameterThatTheDriverDoesNotTakeIsAMatterOfSetup(String name, String value)
      throws SQLException {
    PGSimpleDataSource plain = new PGSimpleDataSource();
    plain.setUrl(database.url());
    plain.setProperty(name, value);
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setDataSource(plain);
      pool.setInitializationFailTimeout(-1);
      pool.setConnectionTimeout(250);
      for (DataSource dataSource : List.of(plain, pool)) {
        assertThatThrownBy(() -> PostgresPersistenceProvider.over(dataSource))
            .isInstanceOf(StoreSetupException.class)
            .hasMessageStartingWith("The PostgreSQL driver rejected a parameter")
            .hasMessageContaining(value);
      }
    }
  }

  @Test
  void aServerOfTheWantedKindMayComeBack() throws SQLException {
    PGSimpleDataSource standby = new PGSimpleDataSource();
    standby.setUrl(database.url());
    standby.setProperty(PGProperty.TARGET_SERVER_TYPE, "secondary");

    assertThatThrownBy(() -> PostgresPersistenceProvider.over(standby))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("secondary");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyConnectionComesBackUnchangedAfterARefusal(boolean autoCommit) throws SQLException {
    try (WatchedDataSource watched = new WatchedDataSource(database.dataSource(), autoCommit);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(watched.dataSource())) {
      Operations.fill(provider);
      WorkflowInstance taken = provider.getWorkflowInstance("w");
      watched.requireUntouched("fill");

      assertThatThrownBy(() -> provider.createNewWorkflow(taken))
          .isInstanceOf(DuplicateException.class);
      watched.requireUntouched("createNewWorkflow");
      assertThatThrownBy(() -> provider.getEvent("none")).isInstanceOf(NotFoundException.class);
      watched.requireUntouched("getEvent");
    }
  }

  /** A pool gives the reason to its log, and to us as a cause of its own complaint. */
  private static StoreException failureOver(String url, String user) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("APP");
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword("s3cr3t");
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      StoreException failure =
          catchThrowableOfType(
              StoreException.class, () -> PostgresPersistenceProvider.over(pool).close());
      assertThat(LogCapture.stackTrace(failure)).doesNotContain("s3cr3t");
      return failure;
    }
  }

  @Test
  void aServersRefusalIsReportedBeforeThePoolsMessage() {
    String none = database.url().replaceFirst("/[^/?]*([?]|$)", "/no_such_database$1");

    assertThat(failureOver(none, "postgres"))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageStartingWith(
            "PostgreSQL rejected the connection: database \"no_such_database\" does not exist"
                + " (APP - Connection is not available, ");
  }

  @Test
  void aWrongPasswordIsReportedBeforeThePoolsMessage() throws IOException {
    String words = "password authentication failed for user \"user\"";
    try (FakeServer server = FakeServer.refusing("28P01", words)) {
      assertThat(failureOver(server.jdbcUrl(), "user"))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageStartingWith("PostgreSQL rejected the connection: " + words + " (APP - ");
    }
  }

  @Test
  void anUnknownHostIsNamed() {
    assertThat(failureOver("jdbc:postgresql://nowhere.invalid/d", "user"))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("UnknownHostException: nowhere.invalid (APP - ");
  }

  @Test
  void aMissingServerIsReportedBeforeThePoolsMessage() {
    assertThat(failureOver("jdbc:postgresql://127.0.0.1:1/d", "user"))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("no connection to PostgreSQL: Connection to 127.0.0.1:1 refused")
        .hasMessageContaining(" (APP - ");
  }

  @Test
  void aConnectionThatBreaksWhileThePoolSetsItUpIsNoRefusal() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(new EndedSessions(database.url()));
    config.setConnectionTimeout(1_000);
    config.setInitializationFailTimeout(-1);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.over(pool).close())
          .isInstanceOf(StoreUnavailableException.class);
    }
  }

  /** Every session ends when the pool asks for its isolation level. */
  private static final class EndedSessions extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;

    EndedSessions(String url) {
      setUrl(url);
    }

    @Override
    public Connection getConnection() throws SQLException {
      Connection connection = super.getConnection();
      return (Connection)
          Proxy.newProxyInstance(
              Connection.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("getTransactionIsolation")) {
                  end(connection);
                }
                try {
                  return method.invoke(connection, arguments);
                } catch (InvocationTargetException failure) {
                  throw failure.getTargetException();
                }
              });
    }

    private static void end(Connection connection) {
      assertThatThrownBy(
              () ->
                  connection
                      .createStatement()
                      .execute("select pg_terminate_backend(pg_backend_pid())"))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void operationsCommitImmediatelyInAnyAutoCommitMode() {
    try (HikariDataSource pool = pool(config -> config.setAutoCommit(false));
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(pool)) {
      provider.nextDefinitionSequence("committed");

      assertThat(
              database.queryForString(
                  "select next_num from wfc.definition_sequences"
                      + " where definition_id = 'committed'"))
          .isEqualTo("1");
    }
  }

  private HikariDataSource pool(Consumer<HikariConfig> settings) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url());
    config.setMaximumPoolSize(1);
    settings.accept(config);
    return new HikariDataSource(config);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TRANSACTION_SERIALIZABLE", "TRANSACTION_REPEATABLE_READ"})
  void aPoolOfAnotherIsolationIsRefused(String isolation) {
    try (HikariDataSource pool = pool(config -> config.setTransactionIsolation(isolation))) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.over(pool))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("the store needs READ COMMITTED: set the pool's isolation");
    }
  }

  @Test
  void itStaysOpen() throws SQLException {
    try (HikariDataSource pool = pool(config -> {})) {
      PostgresPersistenceProvider.over(pool).close();

      try (Connection connection = pool.getConnection()) {
        assertThat(connection.isValid(1)).isTrue();
      }
    }
  }

  @Test
  void aClosedOneIsATypedFailure() {
    HikariDataSource pool = pool(config -> {});
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.over(
            pool, PostgresOptions.builder().retryTimeout(Duration.ZERO).build())) {
      pool.close();

      assertThatThrownBy(() -> provider.nextDefinitionSequence("d"))
          .isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> provider.getRunnableInstances(Instant.EPOCH))
          .isInstanceOf(StoreException.class);
    }
  }

  /** A lock that somebody else holds stands for whatever makes a statement slow. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStatementIsCancelledAfterItsTimeAndTheConnectionGoesOn(boolean autoCommit)
      throws SQLException {
    try (WatchedDataSource watched = new WatchedDataSource(database.dataSource(), autoCommit);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(
                watched.dataSource(),
                PostgresOptions.builder()
                    .statementTimeout(Duration.ofMillis(10))
                    .retryTimeout(Duration.ZERO)
                    .build())) {
      Operations.fill(provider);
      watched.requireUntouched("fill");
      try (Connection other = database.dataSource().getConnection();
          Statement statement = other.createStatement()) {
        other.setAutoCommit(false);
        statement.execute("lock table wfc.workflows in access exclusive mode");
        statement.execute("lock table wfc.events in access exclusive mode");

        requireTimeout(() -> provider.getWorkflowInstance("w"));
        requireTimeout(() -> provider.getRunnableInstances(Instant.EPOCH));
        requireTimeout(() -> provider.markEventProcessed("e"));
        requireTimeout(
            () -> provider.createNewWorkflow(WorkflowInstance.builder("definition", 1).build()));
        watched.requireUntouched("timeouts");
      }
      assertThat(provider.getWorkflowInstance("w").id()).isEqualTo("w");
      assertThat(provider.getRunnableInstances(Instant.now())).containsExactly("w");
      watched.requireUntouched("after the timeouts");
    }
  }

  private static void requireTimeout(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageMatching(".*SQLState (57014|55P03).")
        .extracting(failure -> ((StoreException) failure).retryable())
        .isEqualTo(true);
  }
}
