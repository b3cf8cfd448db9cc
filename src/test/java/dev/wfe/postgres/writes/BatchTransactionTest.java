package dev.wfe.postgres.writes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A batch in a caller's transaction belongs to it, and a refusal does not end it. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BatchTransactionTest {
  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;

  BatchTransactionTest(TestDatabase database) {
    this.database = database;
    provider = PostgresPersistenceProvider.connect(database.url());
    database.execute("create table purchases (id text primary key)");
  }

  @AfterAll
  void close() {
    provider.close();
  }

  @BeforeEach
  void empty() {
    provider.truncateAll();
    database.execute("truncate purchases");
  }

  /** With a taken pointer, a stale revision, and a lost lease among others. */
  private List<WorkflowWrite> writes() {
    provider.createNewWorkflow(Batches.workflow("thief"));
    List<WorkflowInstance> instances = Batches.created(provider, "w", 5);
    provider.persistWorkflow(instances.get(2));
    return List.of(
        Batches.everything(instances.get(0), "w0"),
        Batches.step(instances.get(1), "thief-0").build(),
        Batches.step(instances.get(2), "w2-next").build(),
        Batches.everything(instances.get(3), "w3"),
        Batches.step(instances.get(4), "w4-next")
            .create(List.of(Batches.workflow("thief")))
            .build());
  }

  private interface Work {
    void run(PersistenceProvider joined);
  }

  private void inTransaction(boolean commits, Work work) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into purchases values ('before')");
      work.run(provider.within(connection));
      statement.execute("insert into purchases values ('after')");
      if (commits) {
        connection.commit();
      } else {
        connection.rollback();
      }
    }
  }

  private static void assertResults(List<ItemResult<WriteResult>> results) {
    assertThat(results)
        .extracting(result -> result.getClass().getSimpleName())
        .containsExactly("Written", "Refused", "Refused", "Written", "Refused");
  }

  @Test
  void refusalsLeaveTheTransactionUsable() throws Exception {
    List<WorkflowWrite> writes = writes();

    inTransaction(true, joined -> assertResults(joined.writeAll(writes)));

    assertThat(database.queryForString("select count(*) from purchases")).isEqualTo("2");
    assertThat(provider.getWorkflowInstance("w0").executionPointers()).hasSize(2);
    assertThat(provider.getWorkflowInstance("w1").executionPointers()).hasSize(1);
    assertThat(provider.getWorkflowInstance("w3-child").id()).isEqualTo("w3-child");
  }

  @Test
  void rollbackUndoesTheWholeBatch() throws Exception {
    List<WorkflowWrite> writes = writes();

    inTransaction(false, joined -> assertResults(joined.writeAll(writes)));

    assertThat(database.queryForString("select count(*) from purchases")).isEqualTo("0");
    assertThat(provider.getWorkflowInstance("w0").executionPointers()).hasSize(1);
    assertThat(database.queryForString("select count(*) from wfc.events")).isEqualTo("0");
  }

  @Test
  void createdInstancesCommitWithTheTransaction() throws Exception {
    provider.createNewWorkflow(Batches.workflow("taken"));

    inTransaction(
        true,
        joined ->
            assertThat(joined.createAll(List.of(Batches.workflow("a"), Batches.workflow("taken"))))
                .extracting(result -> result.getClass().getSimpleName())
                .containsExactly("Written", "Refused"));

    assertThat(provider.getWorkflowInstance("a").id()).isEqualTo("a");
    assertThat(database.queryForString("select count(*) from purchases")).isEqualTo("2");
  }

  /** Each write sees what an earlier one of the same transaction wrote. */
  @Test
  void batchesOfOneTransactionFollowEachOther() throws Exception {
    List<WorkflowInstance> instances = Batches.created(provider, "w", 3);

    inTransaction(
        true,
        joined -> {
          List<WriteResult> first =
              Batches.values(
                  joined.writeAll(
                      instances.stream()
                          .map(one -> Batches.step(one, one.id() + "-1").build())
                          .toList()));
          Batches.values(
              joined.writeAll(
                  first.stream()
                      .map(one -> Batches.step(one.workflow(), one.workflow().id() + "-2").build())
                      .toList()));
        });

    assertThat(provider.getWorkflowInstance("w2").executionPointers())
        .extracting(pointer -> pointer.id() + " " + pointer.status())
        .containsExactly("w2-0 COMPLETE", "w2-1 COMPLETE", "w2-2 PENDING");
  }
}
