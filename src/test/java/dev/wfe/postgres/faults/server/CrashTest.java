package dev.wfe.postgres.faults.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.wfe.histories.Fault;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.faults.Faults;
import dev.wfe.postgres.faults.Samples;
import dev.wfe.postgres.faults.Writers;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The server crashes, stops and starts under a provider that stays. {@code -Dwfe.test.crashes=…}
 * makes it crash more often.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
final class CrashTest {
  private static final int CRASHES = Integer.getInteger("wfe.test.crashes", 1);
  private static final int WRITERS = 4;
  private static final int WRITES = 100;
  private static final long PATIENCE_SECONDS = 60;

  private static CrashableServer server;
  private static PostgresPersistenceProvider store;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = CrashableServer.started();
    store = PostgresPersistenceProvider.connect(server.jdbcUrl());
  }

  @AfterAll
  static void stop() {
    store.close();
    server.close();
  }

  static Stream<Function<CrashableServer, Fault>> crashes() {
    return Stream.of(Faults::killAndRestart, Faults::stopAndRestart);
  }

  @ParameterizedTest
  @MethodSource("crashes")
  void acknowledgedWritesSurviveACrashAndOthersAreWholeOrAbsent(
      Function<CrashableServer, Fault> crash) throws Exception {
    store.truncateAll();
    Writers writers = Writers.start(store, WRITERS);
    try (writers) {
      writers.awaitAcknowledged(WRITES, PATIENCE_SECONDS);
      for (int i = 0; i < CRASHES; i++) {
        crash.apply(server).inject();
        writers.awaitAcknowledged(WRITES, PATIENCE_SECONDS);
      }
    }
    writers.assertNothingLost();
  }

  /** A session that stays keeps the server from ending. */
  @Test
  void aServerThatIsShuttingDownIsUnavailable57P03() throws Exception {
    String id = "w-" + UUID.randomUUID();
    WorkflowInstance stored = Samples.stored(store, id);
    server.beginToStop(CrashableServer.StopMode.SMART);
    try {
      Eventually.isTrue(
          "new connections are refused",
          () -> String.valueOf(catchThrowable(CrashTest::connect)).contains("shutting down"));
      assertThat(catchThrowable(CrashTest::connect)).isInstanceOf(StoreUnavailableException.class);
      assertThat(store.getWorkflowInstance(id)).isEqualTo(stored);
    } finally {
      server.stop(CrashableServer.StopMode.FAST);
      server.start();
    }
    assertThat(store.getWorkflowInstance(id)).isEqualTo(stored);
  }

  private static void connect() {
    PostgresPersistenceProvider.connect(
            server.jdbcUrl(), PostgresOptions.builder().poolSize(1).build())
        .close();
  }

  @Test
  void aServerThatIsNotThereIsUnavailableUntilItIsThereAgain() throws Exception {
    PostgresOptions impatient =
        PostgresOptions.builder()
            .poolSize(1)
            .connectTimeout(Duration.ofSeconds(1))
            .retryTimeout(Duration.ZERO)
            .build();
    String id = "w-" + UUID.randomUUID();
    try (PostgresPersistenceProvider host =
        PostgresPersistenceProvider.connect(server.jdbcUrl(), impatient)) {
      WorkflowInstance changed = Samples.changed(Samples.stored(host, id));
      server.stop(CrashableServer.StopMode.FAST);
      try {
        Eventually.isTrue("it is known to be gone", () -> isUnavailable(host, id));
        assertThatThrownBy(() -> host.persistWorkflow(changed))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessageContaining("no connection to PostgreSQL");
      } finally {
        server.start();
      }
      assertThat(host.persistWorkflow(changed)).isEqualTo(changed);
    }
  }

  private static boolean isUnavailable(PostgresPersistenceProvider host, String id) {
    try {
      host.getWorkflowInstance(id);
      return false;
    } catch (StoreUnavailableException gone) {
      return true;
    }
  }
}
