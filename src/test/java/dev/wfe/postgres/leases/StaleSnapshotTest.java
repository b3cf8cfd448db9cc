package dev.wfe.postgres.leases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Between the snapshot of a claim and its row lock, another host claims the workflow, executes a
 * step, and releases the workflow, which is due again. The claim then has to return the version
 * that the other host wrote.
 *
 * <p>The claim is made by a role with a row security policy. Its function waits for an advisory
 * lock whenever a row of {@code workflows} is read, which is after the snapshot was taken and
 * before the row is locked.
 */
@ExtendWith(TestDatabaseExtension.class)
final class StaleSnapshotTest {
  private static final long PATIENCE_SECONDS = 60;

  private static final ClaimRequest REQUEST =
      new ClaimRequest(
          "host",
          List.of(new DefinitionVersion("order", 1)),
          9,
          Long.MAX_VALUE,
          Duration.ofHours(1));

  private final TestDatabase database;

  /** Roles belong to the whole server, which other builds may use too. */
  private final String role = "paused_" + UUID.randomUUID().toString().substring(0, 8);

  StaleSnapshotTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void restrictRole() {
    database.execute(
        """
        truncate wfc.workflows, wfc.execution_pointers, wfc.workflow_leases;
        create role %1$s;
        grant usage on schema wfc to %1$s;
        grant all on all tables in schema wfc to %1$s;
        create or replace function public.pause() returns boolean language plpgsql as
          'begin perform pg_advisory_xact_lock_shared(42); return true; end';
        alter table wfc.workflows enable row level security;
        create policy pausing on wfc.workflows to %1$s using (public.pause());
        """
            .formatted(role));
  }

  @AfterEach
  void dropRole() {
    database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
  }

  private String urlOfRole() {
    return database.url()
        + (database.url().contains("?") ? "&" : "?")
        + "options=-c%20role="
        + role;
  }

  /** Claims on a connection of the role, and returns the ids of the unfinished pointers. */
  @FunctionalInterface
  private interface ClaimingHost {
    List<String> claim() throws SQLException;
  }

  private List<String> claimedWhileAnotherHostExecutes(ClaimingHost paused) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (PostgresPersistenceProvider other = PostgresPersistenceProvider.connect(database.url());
        Connection gate = database.dataSource().getConnection()) {
      other.createNewWorkflow(
          WorkflowInstance.builder("order", 1)
              .id("w")
              .nextExecution(0L)
              .executionPointers(List.of(ExecutionPointer.builder(0).id("first").build()))
              .build());
      gate.setAutoCommit(false);
      try (Statement statement = gate.createStatement()) {
        statement.execute("select pg_advisory_xact_lock(42)");
      }
      Future<List<String>> claimed = thread.submit(paused::claim);
      database.awaitWaiting("", gate);

      executeFirstStep(other);
      gate.rollback();

      return claimed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } finally {
      thread.shutdownNow();
    }
  }

  private static void executeFirstStep(PostgresPersistenceProvider host) {
    Claim claim = host.claimWorkflows(REQUEST).workflows().get(0).claim();
    WorkflowInstance read = host.getWorkflowInstance("w");
    List<ExecutionPointer> pointers = new ArrayList<>();
    pointers.add(
        read.executionPointers().get(0).toBuilder().status(PointerStatus.COMPLETE).build());
    pointers.add(ExecutionPointer.builder(1).id("second").build());
    host.persistWorkflow(read.toBuilder().executionPointers(pointers).build());
    host.release(List.of(claim));
  }

  @Test
  void claimReturnsTheVersionThatWasCurrentWhenTheLeaseWasTaken() throws Exception {
    try (PostgresPersistenceProvider host = PostgresPersistenceProvider.connect(urlOfRole())) {
      assertThat(
              claimedWhileAnotherHostExecutes(
                  () ->
                      host.claimWorkflows(REQUEST).workflows().get(0).workflow().pointers().stream()
                          .map(ExecutionPointer::id)
                          .toList()))
          .containsExactly("second");
    }
  }

  /** The same interleaving, to show that it does what it has to. */
  @Test
  void singleStatementReadsThePointersOfItsSnapshot() throws Exception {
    String naive =
        """
        with due as materialized (
          select id from wfc.workflows where status = 'Runnable' and next_execution <= 9
          for no key update skip locked)
        select p.id from due join wfc.execution_pointers p on p.workflow_id = due.id
        where p.status = 'Pending'
        """;
    try (Connection connection = DriverManager.getConnection(urlOfRole());
        Statement statement = connection.createStatement()) {
      assertThat(
              claimedWhileAnotherHostExecutes(
                  () -> {
                    List<String> pointers = new ArrayList<>();
                    try (ResultSet rows = statement.executeQuery(naive)) {
                      while (rows.next()) {
                        pointers.add(rows.getString(1));
                      }
                    }
                    return pointers;
                  }))
          .containsExactly("first");
    }
  }
}
