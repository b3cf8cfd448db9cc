package dev.wfe.postgres.faults.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Samples;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server is to wait for a standby that is not there. */
@Timeout(120)
final class StandbyTest {
  private static final PostgresOptions IMPATIENT =
      PostgresOptions.builder()
          .poolSize(1)
          .statementTimeout(Duration.ofMillis(200))
          .retryTimeout(Duration.ZERO)
          .build();

  /**
   * PostgreSQL ends the wait with a warning, and calls the statement a success: what it wrote is
   * lost if the standby is promoted now.
   */
  @Test
  void aWriteThatNoStandbyConfirmedInTimeIsNotAcknowledged() throws Exception {
    try (CrashableServer server = CrashableServer.started()) {
      waitForAStandby(server);
      try (PostgresPersistenceProvider store =
          PostgresPersistenceProvider.connect(server.jdbcUrl(), IMPATIENT)) {
        UnknownOutcomeException unknown =
            Background.of(() -> store.createNewWorkflow(Samples.workflow("w")))
                .failure(UnknownOutcomeException.class);

        assertThat(unknown.ids()).containsExactly("w");
        assertThat(unknown.retryable()).isTrue();
      }
    }
  }

  private static void waitForAStandby(CrashableServer server) throws Exception {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute("alter system set synchronous_standby_names to 'nobody'");
    }
    server.stop(CrashableServer.StopMode.FAST);
    server.start();
  }
}
