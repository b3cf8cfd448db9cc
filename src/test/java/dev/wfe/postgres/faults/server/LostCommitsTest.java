package dev.wfe.postgres.faults.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/**
 * A crash loses commits that were acknowledged but not flushed, as synchronous_commit=off allows.
 */
final class LostCommitsTest {
  /** A notification would take a transaction number. */
  private static final PostgresOptions ONE_WRITER =
      PostgresOptions.builder().wakeUps(false).build();

  private static final String ROW_VERSION =
      "select xmin::text || ctid::text from wfc.workflows where id = 'id'";

  @Test
  void aRevisionWhoseCommitWasLostIsStale() throws Exception {
    try (CrashableServer server = CrashableServer.started()) {
      WorkflowInstance lost;
      String lostVersion;
      try (PostgresPersistenceProvider host =
          PostgresPersistenceProvider.connect(
              server.jdbcUrl() + "&options=-c%20synchronous_commit=off", ONE_WRITER)) {
        host.createNewWorkflow(WorkflowInstance.builder("definition", 1).id("id").build());
        queryForString(server, "select pg_switch_wal()");
        server.suspend(
            Long.parseLong(
                queryForString(
                    server, "select pid from pg_stat_activity where backend_type = 'walwriter'")));
        WorkflowInstance read = host.getWorkflowInstance("id");
        lost = host.persistWorkflow(read.toBuilder().reference("lost").build());
        lostVersion = queryForString(server, ROW_VERSION);
        server.kill();
      }
      server.start();
      try (PostgresPersistenceProvider host =
          PostgresPersistenceProvider.connect(server.jdbcUrl(), ONE_WRITER)) {
        WorkflowInstance read = host.getWorkflowInstance("id");
        assertThat(read.reference()).isNull();
        host.persistWorkflow(read.toBuilder().reference("theirs").build());
        assertThat(queryForString(server, ROW_VERSION)).isEqualTo(lostVersion);

        assertThatThrownBy(
                () -> host.persistWorkflow(lost.toBuilder().description("stale").build()))
            .isInstanceOf(StaleRevisionException.class);
        assertThat(host.getWorkflowInstance("id").reference()).isEqualTo("theirs");
      }
    }
  }

  private static String queryForString(CrashableServer server, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
