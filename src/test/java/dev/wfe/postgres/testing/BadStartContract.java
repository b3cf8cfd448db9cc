package dev.wfe.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reports of an application that cannot start, on any runtime. */
@ExtendWith(TestDatabaseExtension.class)
public abstract class BadStartContract {
  private static final String SECRET = "secret";

  /**
   * Starts an application with a store that it validates and does not migrate; closing ends it.
   *
   * @param url {@code jdbc:postgresql:…}
   */
  protected abstract AutoCloseable start(String url);

  /** The log and the exception. */
  private String failureShown(String url) {
    try (LogCapture log = new LogCapture()) {
      Throwable failure = catchThrowable(() -> start(url).close());
      assertThat(failure).isNotNull();
      String shown = log.text() + LogCapture.stackTrace(failure);
      assertThat(shown).doesNotContain(SECRET);
      return shown;
    }
  }

  private static void createStore(TestDatabase database) {
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      store.ensureStoreExists();
    }
  }

  @Test
  void aMissingDatabaseIsNamed() {
    int port = unusedPort();

    assertThat(
            failureShown(
                "jdbc:postgresql://127.0.0.1:%s/d?user=u&password=%s".formatted(port, SECRET)))
        .contains("no connection to PostgreSQL: ")
        .contains("127.0.0.1:" + port);
  }

  @Test
  void aWrongPasswordIsReportedAndNotShown() throws IOException {
    try (FakeServer server =
        FakeServer.refusing("28P01", "password authentication failed for user \"user\"")) {
      assertThat(failureShown(server.jdbcUrl()))
          .contains(
              "PostgreSQL rejected the connection: password authentication failed for user"
                  + " \"user\"");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSchemaThatDiffersIsShownByTableAndColumn(
      Drift drift, @EmptyDatabase TestDatabase database) {
    createStore(database);
    drift.happenTo(database);

    assertThat(failureShown(database.url()))
        .contains("The tables of the store in schema wfc differ from the expected ones")
        .contains(drift.difference());
  }

  @Test
  void aMissingStoreIsReported(@EmptyDatabase TestDatabase database) {
    assertThat(failureShown(database.url())).contains("There is no store in schema wfc");
  }

  @Test
  void aServerThatIsTooOldIsReported() throws IOException {
    try (FakeServer server = FakeServer.ofVersion("13.22")) {
      assertThat(failureShown(server.jdbcUrl()))
          .contains("PostgreSQL 13 is too old; the oldest supported is 14");
    }
  }

  @Test
  void aServerThatIsNotPostgresqlIsReported() throws IOException {
    try (FakeServer server = FakeServer.ofTheWeb()) {
      assertThat(failureShown(server.jdbcUrl()))
          .contains("The server at this address is not PostgreSQL: ");
    }
  }

  @Test
  void aSecondProviderOverTheSameStoreIsWarnedAbout(@EmptyDatabase TestDatabase database)
      throws Exception {
    createStore(database);
    try (LogCapture log = new LogCapture();
        AutoCloseable application = start(database.url())) {
      assertThat(log.text()).doesNotContain("Another provider");

      PostgresPersistenceProvider.over(database.dataSource()).close();

      assertThat(application).isNotNull();
      assertThat(log.text())
          .containsOnlyOnce("This application has another open provider for the same store")
          .contains("(schema wfc, table prefix '')");
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
