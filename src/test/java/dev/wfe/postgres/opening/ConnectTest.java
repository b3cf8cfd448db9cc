package dev.wfe.postgres.opening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.FakeServer;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.Operations;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;

@ExtendWith(TestDatabaseExtension.class)
final class ConnectTest {
  private static final PostgresOptions NAMED =
      PostgresOptions.builder().applicationName("orders host 7").build();

  private final TestDatabase database;
  private final String address;
  private final int port;
  private final String name;
  private final String user;

  ConnectTest(TestDatabase database) {
    this.database = database;
    Properties parts = Objects.requireNonNull(Driver.parseURL(database.url(), null));
    this.port = Integer.parseInt(parts.getProperty("PGPORT"));
    this.address = parts.getProperty("PGHOST") + ":" + port;
    this.name = parts.getProperty("PGDBNAME");
    this.user =
        "%s:%s"
            .formatted(
                parts.getProperty("user", "postgres"), parts.getProperty("password", "none"));
  }

  private String uri(String hosts) {
    return "postgres://%s@%s/%s".formatted(user, hosts, name);
  }

  @ParameterizedTest
  @CsvSource({"postgres", "postgresql"})
  void aUriConnects(String scheme) {
    String url = scheme + uri(address).substring("postgres".length());

    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(url)) {
      assertThat(provider.nextDefinitionSequence(scheme)).isEqualTo(1);
    }
  }

  @Test
  void theFirstHostThatAnswersIsTaken() {
    String hosts = "127.0.0.1:" + unusedPort() + "," + address;

    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(uri(hosts))) {
      assertThat(provider.getRunnableInstances(Instant.EPOCH)).isEmpty();
    }
  }

  @Test
  void onlyTheApplicationNameIsAddedToWhatTheDriverSendsWhenItConnects() throws IOException {
    try (StartupRecorder recorder = new StartupRecorder(port);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(uri("127.0.0.1:" + recorder.port()), NAMED)) {
      provider.nextDefinitionSequence("recorded");
      assertThat(
              database.queryForString(
                  "select count(*) > 0 from pg_stat_activity where datname = '%s'".formatted(name)
                      + " and application_name = 'orders host 7'"))
          .isEqualTo("t");
      assertThat(recorder.packets())
          .isNotEmpty()
          .allSatisfy(
              packet ->
                  assertThat(
                          Set.of(
                              "user",
                              "database",
                              "client_encoding",
                              "DateStyle",
                              "TimeZone",
                              "application_name"))
                      .containsAll(packet.keySet()));
    }
  }

  @Test
  void everyConnectionIsClosed() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url(), NAMED);
    Operations.fill(provider);
    Operations.all().values().forEach(call -> call.accept(provider));
    EntityManagerFactory factory = provider.entityManagerFactory();

    provider.close();
    provider.close();

    assertThat(factory.isOpen()).isFalse();
    awaitTrue(() -> onlyDriversThreads(before));
    awaitTrue(
        () ->
            "0"
                .equals(
                    database.queryForString(
                        "select count(*) from pg_stat_activity"
                            + " where application_name = 'orders host 7'")));
  }

  /** The driver keeps two threads of its own for the whole process. */
  private static boolean onlyDriversThreads(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread) && thread.isAlive())
        .allMatch(thread -> thread.getName().startsWith("PostgreSQL-JDBC-"));
  }

  private static void awaitTrue(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  @Test
  void aClosedProviderRefusesEveryCall() {
    PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(database.url());
    provider.close();

    Operations.all()
        .forEach(
            (operation, call) ->
                assertThatThrownBy(() -> call.accept(provider))
                    .as(operation)
                    .isInstanceOf(StoreSetupException.class)
                    .hasMessage("The provider is closed"));
    assertThatThrownBy(provider::ensureStoreExists).isInstanceOf(StoreSetupException.class);
    assertThatThrownBy(provider::validateStore).isInstanceOf(StoreSetupException.class);
    assertThatThrownBy(provider::entityManagerFactory).isInstanceOf(StoreSetupException.class);
  }

  @Test
  void aStoreThatIsNotThereSaysWhatToCall(@EmptyDatabase TestDatabase empty) {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(empty.url(), NAMED.toBuilder().poolSize(1).build())) {
      Operations.all()
          .forEach(
              (operation, call) ->
                  assertThatThrownBy(() -> call.accept(provider))
                      .as(operation)
                      .isInstanceOf(StoreSetupException.class)
                      .hasMessageContaining("call ensureStoreExists()"));

      provider.ensureStoreExists();
      Operations.fill(provider);
      provider.validateStore();
    }
  }

  @Test
  void aMissingColumnIsReportedAndPointsToValidation(@EmptyDatabase TestDatabase drifted) {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(drifted.url(), NAMED.toBuilder().poolSize(1).build())) {
      provider.ensureStoreExists();
      drifted.execute("alter table wfc.workflows drop column reference");
      provider.ensureStoreExists();

      assertThatThrownBy(() -> provider.getWorkflowInstance("w"))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("(SQLState 42703); call ensureStoreExists()")
          .hasMessageEndingWith(
              "; if that changes nothing, validateStore() reports the differences");
      assertThatThrownBy(provider::validateStore)
          .hasMessageContaining("table workflows, column reference: is missing");
    }
  }

  @Test
  void aPortWithoutListenerIsATransientFailure() {
    StoreException failure = failureOf("postgres://user:secret@127.0.0.1:" + unusedPort() + "/d");

    assertThat(failure)
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("no connection to PostgreSQL");
    assertThat(failure.retryable()).isTrue();
  }

  @Test
  void anUnknownDatabaseIsNamed() {
    assertThatThrownBy(
            () ->
                PostgresPersistenceProvider.connect(
                    "postgres://%s@%s/nowhere".formatted(user, address)))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("rejected the connection")
        .hasMessageContaining("\"nowhere\" does not exist");
  }

  @ParameterizedTest
  @CsvSource({
    "28P01, password authentication failed for user \"user\"",
    "28000, no pg_hba.conf entry",
    "42501, permission denied for database",
    "08P01, unsupported startup parameter"
  })
  void aPermanentRefusalIsASetupFailure(String sqlState, String message) throws IOException {
    try (FakeServer server = FakeServer.refusing(sqlState, message)) {
      assertThat(failureOf(server.url()))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining(message);
    }
  }

  /** The driver sends it; PostgreSQL knows fewer names than Java. */
  @Test
  @SuppressWarnings("ThreeLetterTimeZoneID")
  void aTimeZoneThatTheServerDoesNotKnowIsNamed() {
    TimeZone before = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone("VST"));
    try {
      assertThatThrownBy(() -> PostgresPersistenceProvider.connect(database.url()))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("invalid value for parameter \"TimeZone\": \"VST\"")
          .hasMessageContaining("the JVM's time zone (VST; change it with -Duser.timezone)");
    } finally {
      TimeZone.setDefault(before);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "53300, too many clients already",
    "57P03, the database system is starting up",
    "08P01, client_login_timeout (server down)"
  })
  void aTransientRefusalIsRetryable(String sqlState, String message) throws IOException {
    try (FakeServer server = FakeServer.refusing(sqlState, message)) {
      assertThat(failureOf(server.url()))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining(message);
    }
  }

  @Test
  void aServerThatIsNotPostgresqlIsASetupFailure() throws IOException {
    try (FakeServer server = FakeServer.ofTheWeb()) {
      assertThat(failureOf(server.url())).isInstanceOf(StoreSetupException.class);
    }
  }

  /** Connects in vain, and holds that no trace of it shows the password. */
  private static StoreException failureOf(String url) {
    try (LogCapture log = new LogCapture()) {
      StoreException failure =
          catchThrowableOfType(
              StoreException.class, () -> PostgresPersistenceProvider.connect(url));
      assertThat(LogCapture.stackTrace(failure)).doesNotContain("secret");
      assertThat(log.text()).doesNotContain("secret");
      return failure;
    }
  }

  private static int unusedPort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
