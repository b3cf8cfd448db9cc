package dev.wfe.postgres.concurrency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A persist that waits for another writer's open transaction, one step at a time. */
class WaitingWriterTest {
  private TestDatabase database;
  private PostgresStore store;
  private ExecutorService threads;
  private Connection writer;
  private WorkflowInstance read;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.migrated();
    store = new PostgresStore(database, PostgresOptions.defaults());
    threads = Executors.newSingleThreadExecutor();
    writer = database.dataSource().getConnection();
    writer.setAutoCommit(false);
    WorkflowInstance instance =
        WorkflowInstance.builder("definition", 1)
            .id("id")
            .executionPointers(
                List.of(
                    ExecutionPointer.builder(1).id("kept").build(),
                    ExecutionPointer.builder(2).id("removed").build()))
            .build();
    store.provider().createNewWorkflow(instance);
    read = store.provider().getWorkflowInstance("id");
  }

  @AfterEach
  void close() throws Exception {
    threads.shutdownNow();
    writer.close();
    store.close();
    database.close();
  }

  /** Changes everything that a persist could mix up with its own. */
  private void writeAndKeepOpen() throws Exception {
    try (Statement statement = writer.createStatement()) {
      statement.execute("update wfc.workflows set reference = 'theirs', version = 9");
      statement.execute("update wfc.execution_pointers set step_name = 'theirs'");
      statement.execute("delete from wfc.execution_pointers where id = 'removed'");
      statement.execute(
          "insert into wfc.execution_pointers (id, workflow_id, step_id, status)"
              + " values ('theirs', 'id', 1, 'Pending')");
    }
  }

  private Future<WorkflowInstance> persistWhileItIsOpen(WorkflowInstance instance)
      throws SQLException {
    Future<WorkflowInstance> persisting =
        threads.submit(() -> store.provider().persistWorkflow(instance));
    database.awaitWaiting("", writer);
    return persisting;
  }

  private WorkflowInstance changed() {
    return read.toBuilder()
        .reference("ours")
        .executionPointers(
            List.of(
                read.executionPointers().get(0), ExecutionPointer.builder(3).id("ours").build()))
        .build();
  }

  @Test
  void aValueBuiltByHandWaitsAndThenIsExactlyWhatIsThere() throws Exception {
    writeAndKeepOpen();
    WorkflowInstance byHand = changed().toBuilder().revision(null).build();
    Future<WorkflowInstance> persisting = persistWhileItIsOpen(byHand);

    writer.commit();

    WorkflowInstance persisted = persisting.get(60, TimeUnit.SECONDS);
    assertThat(store.provider().getWorkflowInstance("id")).isEqualTo(byHand);
    store.provider().persistWorkflow(persisted);
  }

  @Test
  void aValueThatWasReadIsStaleOnceTheOtherHasCommitted() throws Exception {
    writeAndKeepOpen();
    Future<WorkflowInstance> persisting = persistWhileItIsOpen(changed());

    writer.commit();

    assertThatThrownBy(() -> persisting.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(StaleRevisionException.class);
    assertThat(database.queryForStrings("select id from wfc.execution_pointers order by id"))
        .containsExactly("kept", "theirs");
    assertThat(store.provider().getWorkflowInstance("id").reference()).isEqualTo("theirs");
  }

  @Test
  void aValueThatWasReadIsStoredWhenTheOtherGaveUp() throws Exception {
    writeAndKeepOpen();
    WorkflowInstance changed = changed();
    Future<WorkflowInstance> persisting = persistWhileItIsOpen(changed);

    writer.rollback();

    assertThat(persisting.get(60, TimeUnit.SECONDS)).isEqualTo(changed);
    assertThat(store.provider().getWorkflowInstance("id")).isEqualTo(changed);
  }
}
