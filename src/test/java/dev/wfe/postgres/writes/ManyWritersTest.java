package dev.wfe.postgres.writes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** More threads that write than a provider lets write alone. */
@ExtendWith(TestDatabaseExtension.class)
final class ManyWritersTest {
  private static final int THREADS = 64;
  private static final int LOCKED = 8;

  private final TestDatabase database;
  private PostgresPersistenceProvider provider;

  ManyWritersTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void open() {
    provider =
        PostgresPersistenceProvider.connect(
            database.url(), PostgresOptions.builder().poolSize(20).build());
    database.emptyStore("wfc");
  }

  @AfterEach
  void close() {
    provider.close();
  }

  private static WorkflowInstance described(WorkflowInstance workflow) {
    return workflow.toBuilder().description("changed").build();
  }

  private List<Callable<WorkflowInstance>> persists(List<WorkflowInstance> workflows) {
    List<Callable<WorkflowInstance>> calls = new ArrayList<>();
    workflows.forEach(workflow -> calls.add(() -> provider.persistWorkflow(described(workflow))));
    return calls;
  }

  private long number(String query) {
    return Long.parseLong(String.valueOf(database.queryForString(query)));
  }

  private long commitsOf(String prefix) {
    return number(
        "select count(distinct xmin::text) from wfc.workflows where id like '%s%%'"
            .formatted(prefix));
  }

  @Test
  void theyShareCommits() throws Exception {
    List<WorkflowInstance> workflows = Batches.created(provider, "w", THREADS);
    List<Background<Integer>> writers = new ArrayList<>();
    long before = number("select pg_current_xact_id()::text");
    for (WorkflowInstance workflow : workflows) {
      writers.add(
          Background.of(
              () -> {
                WorkflowInstance current = workflow;
                for (int i = 0; i < 20; i++) {
                  current =
                      provider.persistWorkflow(
                          current.toBuilder().description("write " + i).build());
                }
                return 20;
              }));
    }
    for (Background<Integer> writer : writers) {
      writer.value();
    }

    long commits = number("select pg_current_xact_id()::text") - before;
    assertThat(commits).isLessThan(THREADS * 20 / 4);
    assertThat(number("select count(*) from wfc.workflows where description = 'write 19'"))
        .isEqualTo(THREADS);
  }

  @Test
  void thoseThatWaitForLocksHoldNobodyUp() throws Exception {
    List<WorkflowInstance> locked = Batches.created(provider, "locked", LOCKED);
    List<WorkflowInstance> others = Batches.created(provider, "w", THREADS);
    try (Connection operator = database.dataSource().getConnection();
        Statement statement = operator.createStatement()) {
      operator.setAutoCommit(false);
      statement.execute("select from wfc.workflows where id like 'locked%' for update");
      List<Background<WorkflowInstance>> waiting =
          persists(locked).stream().map(Background::of).toList();
      awaitWaiting(operator);

      for (Background<WorkflowInstance> one :
          persists(others).stream().map(Background::of).toList()) {
        one.value();
      }

      assertThat(waiting).noneMatch(Background::isDone);
      operator.rollback();
      for (Background<WorkflowInstance> one : waiting) {
        one.value();
      }
    }
  }

  private void awaitWaiting(Connection operator) throws SQLException {
    int holder = operator.unwrap(PGConnection.class).getBackendPID();
    Eventually.isTrue(
        "all wait for the operator",
        () ->
            number(
                    "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
                        .formatted(holder))
                == LOCKED);
  }

  @Test
  void closingTheProviderAnswersEach() throws Exception {
    List<WorkflowInstance> workflows = Batches.created(provider, "w", THREADS);
    List<Background<WorkflowInstance>> begun =
        persists(workflows).stream().map(Background::of).toList();

    provider.close();

    long written = 0;
    long unknown = 0;
    for (Background<WorkflowInstance> one : begun) {
      if (one.succeeds()) {
        written++;
      } else if (one.failure(StoreException.class) instanceof UnknownOutcomeException) {
        unknown++;
      }
    }
    assertThat(number("select count(*) from wfc.workflows where description = 'changed'"))
        .isBetween(written, written + unknown);
  }

  @Test
  void withAGroupSizeOfOneEachHasItsOwnCommit() throws Exception {
    List<WorkflowInstance> workflows = Batches.created(provider, "w", 20);
    try (PostgresPersistenceProvider single =
        PostgresPersistenceProvider.connect(
            database.url(), PostgresOptions.builder().groupSize(1).build())) {
      List<Callable<WorkflowInstance>> calls = new ArrayList<>();
      workflows.forEach(workflow -> calls.add(() -> single.persistWorkflow(described(workflow))));
      for (Background<WorkflowInstance> one : calls.stream().map(Background::of).toList()) {
        one.value();
      }
    }

    assertThat(commitsOf("w")).isEqualTo(20);
  }

  @Test
  void unguardedPersistsHaveTheirOwnCommits() throws Exception {
    List<WorkflowInstance> workflows =
        Batches.created(provider, "w", 20).stream()
            .map(workflow -> workflow.toBuilder().revision(null).build())
            .toList();

    for (Background<WorkflowInstance> one :
        persists(workflows).stream().map(Background::of).toList()) {
      one.value();
    }

    assertThat(commitsOf("w")).isEqualTo(20);
  }
}
