package dev.wfe.postgres.writes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.persistence.WriteResult;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A write has begun and waits for another transaction, which then commits. */
@ExtendWith(TestDatabaseExtension.class)
final class BatchRacesTest {
  private static final ClaimRequest REQUEST =
      new ClaimRequest(
          "host", List.of(new DefinitionVersion("order", 1)), 9, 1_000_000, Duration.ofHours(1));

  private final TestDatabase database;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private PostgresPersistenceProvider provider;

  BatchRacesTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void open() {
    provider = PostgresPersistenceProvider.connect(database.url());
    database.emptyStore("wfc");
  }

  @AfterEach
  void close() {
    thread.shutdownNow();
    provider.close();
  }

  /** What the call gives that waits for a transaction with this statement. */
  private <T> T after(String statement, Callable<T> call) throws Exception {
    try (Connection other = database.dataSource().getConnection();
        Statement theirs = other.createStatement()) {
      other.setAutoCommit(false);
      theirs.execute(statement);
      Future<T> waiting = thread.submit(call);
      database.awaitWaiting("", other);
      other.commit();
      return waiting.get(1, TimeUnit.MINUTES);
    }
  }

  private static StoreException refusal(ItemResult<?> result) {
    return ((ItemResult.Refused<?>) result).reason();
  }

  private List<ItemResult<WriteResult>> fencedAfter(
      String statement, LeaseAction action, boolean batch) throws Exception {
    List<Claim> claims =
        provider.claimWorkflows(REQUEST).workflows().stream().map(one -> one.claim()).toList();
    List<WorkflowWrite> writes = new ArrayList<>();
    for (Claim claim : claims) {
      LiveWorkflow workflow = provider.getLiveWorkflow(claim.id());
      writes.add(Batches.step(workflow, claim.id() + "-next").under(claim, action).build());
    }
    return after(
        statement,
        () -> batch ? provider.writeAll(writes) : writes.stream().map(this::written).toList());
  }

  private ItemResult<WriteResult> written(WorkflowWrite write) {
    try {
      return new ItemResult.Written<>(provider.write(write));
    } catch (StoreException refusal) {
      return new ItemResult.Refused<>(refusal);
    }
  }

  private static final String TAKEN_OVER =
      "update wfc.workflow_leases set owner = 'other', epoch = 1 where workflow_id = 'w1'";

  private static final String RELEASED_AND_TAKEN =
      "delete from wfc.workflow_leases where workflow_id = 'w1';"
          + "insert into wfc.workflow_leases values"
          + " ('w1', 'other', 1, 1, now() + interval '1 hour')";

  @ParameterizedTest
  @CsvSource({"KEEP,false", "KEEP,true", "RELEASE,false", "RELEASE,true"})
  void leaseThatIsTakenOverDuringTheWriteIsLost(LeaseAction action, boolean batch)
      throws Exception {
    for (String takeover : List.of(TAKEN_OVER, RELEASED_AND_TAKEN)) {
      database.emptyStore("wfc");
      Batches.created(provider, "w", 3);

      List<ItemResult<WriteResult>> results = fencedAfter(takeover, action, batch);

      assertThat(refusal(results.get(1))).isInstanceOf(LeaseLostException.class);
      assertThat(results.get(0)).isInstanceOf(ItemResult.Written.class);
      assertThat(results.get(2)).isInstanceOf(ItemResult.Written.class);
      assertThat(provider.getWorkflowInstance("w1").executionPointers())
          .containsExactly(Batches.pointer("w1-0"));
      assertThat(
              database.queryForString(
                  "select owner from wfc.workflow_leases where workflow_id = 'w1'"))
          .isEqualTo("other");
    }
  }

  @ParameterizedTest
  @EnumSource(LeaseAction.class)
  void writeThatIsStaleAndFencedIsLost(LeaseAction action) throws Exception {
    Batches.created(provider, "w", 2);

    List<ItemResult<WriteResult>> results =
        fencedAfter(
            TAKEN_OVER + "; update wfc.workflows set reference = 'r' where id = 'w1'",
            action,
            true);

    assertThat(refusal(results.get(1))).isInstanceOf(LeaseLostException.class);
  }

  @Test
  void elementThatBecomesStaleDuringTheBatchIsRefusedAlone() throws Exception {
    List<WorkflowInstance> instances = Batches.created(provider, "w", 3);

    List<ItemResult<WriteResult>> results =
        after(
            "update wfc.workflows set reference = 'r' where id = 'w1'",
            () ->
                provider.writeAll(
                    instances.stream()
                        .map(one -> Batches.step(one, one.id() + "-next").build())
                        .toList()));

    assertThat(refusal(results.get(1))).isInstanceOf(StaleRevisionException.class);
    assertThat(results.get(0)).isInstanceOf(ItemResult.Written.class);
    assertThat(results.get(2)).isInstanceOf(ItemResult.Written.class);
  }

  /** The other transaction takes a key after the batch has found it free. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "insert into wfc.execution_pointers (id, workflow_id, step_id, status)"
            + " values ('w5-next', 'w0', 1, 'Pending')",
        "insert into wfc.events (id, event_name, event_key, event_time)"
            + " values ('w5-event', 'n', 'k', now())",
        "insert into wfc.workflows (id, name, definition_id, version, status, create_time)"
            + " values ('w5-child', 'another', 'd', 1, 'Runnable', now())",
        "insert into wfc.workflows (id, name, definition_id, version, status, create_time)"
            + " values ('another', 'w5-child', 'd', 1, 'Runnable', now())",
        "insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,"
            + " event_name, event_key, subscribe_as_of)"
            + " values ('w5-new', 'w', 1, 'p', 'n', 'k', now())"
      })
  void elementThatLosesARaceForAKeyIsRefusedAlone(String theirs) throws Exception {
    List<WorkflowInstance> instances = Batches.created(provider, "w", 16);

    List<ItemResult<WriteResult>> results =
        after(
            theirs,
            () ->
                provider.writeAll(
                    instances.stream().map(one -> Batches.everything(one, one.id())).toList()));

    assertThat(refusal(results.get(5))).isInstanceOf(DuplicateException.class);
    assertThat(provider.getWorkflowInstance("w5")).isEqualTo(instances.get(5));
    for (int i = 0; i < 16; i++) {
      if (i != 5) {
        results.get(i).orThrow();
        assertThat(provider.getWorkflowInstance("w" + i).executionPointers())
            .contains(Batches.pointer("w" + i + "-next"));
      }
    }
  }

  @Test
  void raceThatIsLostInACallersTransactionLeavesItUsable() throws Exception {
    List<WorkflowInstance> instances = Batches.created(provider, "w", 4);
    List<WorkflowWrite> writes =
        instances.stream().map(one -> Batches.everything(one, one.id())).toList();

    List<ItemResult<WriteResult>> results =
        after(
            "insert into wfc.events (id, event_name, event_key, event_time)"
                + " values ('w2-event', 'n', 'k', now())",
            () -> {
              try (Connection ours = database.dataSource().getConnection()) {
                ours.setAutoCommit(false);
                List<ItemResult<WriteResult>> joined = provider.within(ours).writeAll(writes);
                ours.commit();
                return joined;
              }
            });

    assertThat(results)
        .extracting(result -> result.getClass().getSimpleName())
        .containsExactly("Written", "Written", "Refused", "Written");
    assertThat(provider.getWorkflowInstance("w3").executionPointers()).hasSize(2);
  }

  /** A constraint that others added rejects one row. */
  @Test
  void elementThatTheDatabaseRejectsIsRefusedAlone() {
    database.execute(
        "alter table wfc.execution_pointers add constraint strange check (id <> 'w5-next')");
    try {
      List<WorkflowInstance> instances = Batches.created(provider, "w", 16);

      List<ItemResult<WriteResult>> results =
          provider.writeAll(
              instances.stream()
                  .map(one -> Batches.step(one, one.id() + "-next").build())
                  .toList());

      assertThatThrownBy(() -> results.get(5).orThrow()).hasMessageContaining("strange");
      assertThat(provider.getWorkflowInstance("w4").executionPointers()).hasSize(2);
      assertThat(provider.getWorkflowInstance("w5").executionPointers()).hasSize(1);
    } finally {
      database.execute("alter table wfc.execution_pointers drop constraint strange");
    }
  }
}
