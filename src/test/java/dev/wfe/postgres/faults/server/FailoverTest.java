package dev.wfe.postgres.faults.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.faults.Samples;
import dev.wfe.postgres.faults.Writers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** A primary is killed and its synchronous standby takes over, under a provider that stays. */
@Timeout(300)
final class FailoverTest {
  private static final int WRITERS = 4;
  private static final int WRITES = 100;
  private static final long PATIENCE_SECONDS = 60;

  /** The promised time until writes succeed again. */
  private static final long FAILOVER_SECONDS = 30;

  @Test
  void noAcknowledgedWriteIsLostAndTheProviderGoesOnWithoutBeingRebuilt(TestReporter reporter)
      throws Exception {
    Optional<ServerPrograms> programs = ServerPrograms.ofTheSystem();
    assumeTrue(programs.isPresent(), "PostgreSQL's server programs are not installed");
    try (ReplicatedServers servers = ReplicatedServers.started(programs.orElseThrow())) {
      String url =
          "postgres://postgres@%s/postgres?targetServerType=primary"
              .formatted(servers.hostsAndPorts());
      try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(url)) {
        store.ensureStoreExists();
        assertThatTheStandbyIsUnavailableOnlyToWriters25006(store, servers.standby());
        failOver(store, servers, reporter);
      }
    }
  }

  /** It may be promoted at any moment, so another try may succeed. */
  private static void assertThatTheStandbyIsUnavailableOnlyToWriters25006(
      PostgresPersistenceProvider store, CrashableServer standby) throws InterruptedException {
    WorkflowInstance stored = Samples.stored(store, "read");
    try (PostgresPersistenceProvider reader =
        PostgresPersistenceProvider.connect(
            standby.jdbcUrl(), PostgresOptions.builder().retryTimeout(Duration.ZERO).build())) {
      Eventually.isTrue(
          "the standby shows it",
          () -> reader.getWorkflowInstances(List.of("read")).equals(List.of(stored)));
      assertThatThrownBy(() -> reader.persistWorkflow(Samples.changed(stored)))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("25006");
    }
  }

  private static void failOver(
      PostgresPersistenceProvider store, ReplicatedServers servers, TestReporter reporter)
      throws Exception {
    Writers writers = Writers.start(store, WRITERS);
    try (writers) {
      writers.awaitAcknowledged(WRITES, PATIENCE_SECONDS);
      long killed = System.nanoTime();
      servers.failOver();
      writers.awaitAcknowledged(1, FAILOVER_SECONDS);
      reporter.publishEntry(
          "milliseconds without a write", Long.toString((System.nanoTime() - killed) / 1_000_000));
      writers.awaitAcknowledged(WRITES, PATIENCE_SECONDS);
    }
    writers.assertNothingLost();
    reporter.publishEntry("writers", writers.toString());
  }
}
