package dev.wfe.postgres.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Instances;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A persist writes the workflow's row and the pointers that changed, counted by triggers. */
@ExtendWith(TestDatabaseExtension.class)
final class RowsWrittenTest {
  private static final int POINTERS = 100;
  private static final String WORKFLOW = "workflows UPDATE 1";

  private static final String COUNT_ROWS =
      """
      create table if not exists written (what text);
      create or replace function note_row() returns trigger language plpgsql as $$
      begin
        insert into public.written values (tg_table_name || ' ' || tg_op);
        return null;
      end $$;
      create or replace trigger note_row after insert or update or delete on wfc.workflows
        for each row execute function note_row();
      create or replace trigger note_row after insert or update or delete on wfc.execution_pointers
        for each row execute function note_row();
      create or replace trigger note_row after insert or update or delete
        on wfc.event_subscriptions for each row execute function note_row();
      """;

  private final TestDatabase database;
  private PostgresPersistenceProvider provider;
  private WorkflowInstance stored;

  RowsWrittenTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void store() {
    database.execute(COUNT_ROWS);
    provider = PostgresPersistenceProvider.connect(database.url());
    provider.truncateAll();
    provider.createNewWorkflow(Instances.withPointers("w", POINTERS));
    stored = provider.getWorkflowInstance("w");
    database.execute("truncate written");
  }

  @AfterEach
  void close() {
    provider.close();
  }

  /** The number of rows of each kind that were written. The next persist knows them. */
  private List<String> writtenBy(UnaryOperator<WorkflowInstance> change) {
    WorkflowInstance persisted = provider.persistWorkflow(change.apply(stored));
    List<String> written = written();
    assertThat(provider.getWorkflowInstance("w")).isEqualTo(persisted);
    provider.persistWorkflow(persisted);
    assertThat(written()).containsExactly(WORKFLOW);
    return written;
  }

  private List<String> written() {
    List<String> rows =
        database
            .queryForStrings(
                "select what || ' ' || count(*) from written group by what order by what desc")
            .stream()
            .map(String::valueOf)
            .toList();
    database.execute("truncate written");
    return rows;
  }

  private static UnaryOperator<WorkflowInstance> pointers(
      UnaryOperator<List<ExecutionPointer>> change) {
    return instance ->
        instance.toBuilder()
            .executionPointers(change.apply(new ArrayList<>(instance.executionPointers())))
            .build();
  }

  @Test
  void anUnchangedInstanceIsOneRow() {
    assertThat(writtenBy(instance -> instance)).containsExactly(WORKFLOW);
  }

  @Test
  void anEqualInstanceBuiltAnewIsOneRow() {
    UnaryOperator<WorkflowInstance> rebuilt =
        pointers(all -> all.stream().map(pointer -> pointer.toBuilder().build()).toList());

    assertThat(
            writtenBy(
                instance ->
                    rebuilt.apply(instance).toBuilder().data(instance.data().deepCopy()).build()))
        .containsExactly(WORKFLOW);
  }

  @Test
  void changedDataIsOneRow() {
    assertThat(writtenBy(instance -> instance.toBuilder().data(IntNode.valueOf(1)).build()))
        .containsExactly(WORKFLOW);
  }

  @Test
  void aChangedPointerIsOneRowMore() {
    assertThat(writtenBy(instance -> Instances.stepped(instance, 40)))
        .containsExactly(WORKFLOW, "execution_pointers UPDATE 1");
  }

  @Test
  void threeChangedPointersAreThreeRowsMore() {
    assertThat(writtenBy(instance -> Instances.stepped(instance, 0, 40, 99)))
        .containsExactly(WORKFLOW, "execution_pointers UPDATE 3");
  }

  @Test
  void aPointerAddedAtTheEndIsOneRowMore() {
    assertThat(
            writtenBy(
                pointers(
                    all -> {
                      all.add(Instances.pointer("w", POINTERS));
                      return all;
                    })))
        .containsExactly(WORKFLOW, "execution_pointers INSERT 1");
  }

  @Test
  void aRemovedPointerIsOneRowMore() {
    assertThat(
            writtenBy(
                pointers(
                    all -> {
                      all.remove(40);
                      return all;
                    })))
        .containsExactly(WORKFLOW, "execution_pointers DELETE 1");
  }

  @Test
  void aPointerMovedToTheEndIsOneRowMore() {
    assertThat(
            writtenBy(
                pointers(
                    all -> {
                      all.add(all.remove(40));
                      return all;
                    })))
        .containsExactly(WORKFLOW, "execution_pointers UPDATE 1");
  }

  /** The order is kept in positions without gaps. */
  @Test
  void aPointerPutBetweenOthersMovesThoseBehindIt() {
    int place = POINTERS - 3;

    assertThat(
            writtenBy(
                pointers(
                    all -> {
                      all.add(place, Instances.pointer("w", POINTERS));
                      return all;
                    })))
        .containsExactly(WORKFLOW, "execution_pointers UPDATE 3", "execution_pointers INSERT 1");
  }

  @Test
  void twoPointersThatChangePlacesMoveThoseBehindThem() {
    int place = POINTERS - 4;

    assertThat(
            writtenBy(
                pointers(
                    all -> {
                      Collections.swap(all, place, place + 1);
                      return all;
                    })))
        .containsExactly(WORKFLOW, "execution_pointers UPDATE 3");
  }

  @Test
  void subscriptionsAreOneRowEach() {
    provider.persistWorkflowWithSubscriptions(
        Instances.stepped(stored, 40),
        List.of(
            EventSubscription.builder("w", "w-40", "paid", "1")
                .subscribeAsOf(Instant.EPOCH)
                .build(),
            EventSubscription.builder("w", "w-40", "paid", "2")
                .subscribeAsOf(Instant.EPOCH)
                .build()));

    assertThat(written())
        .containsExactly(WORKFLOW, "execution_pointers UPDATE 1", "event_subscriptions INSERT 2");
  }

  /** Nothing tells which of them are stored as they are. */
  @Test
  void anInstanceWithoutARevisionIsWrittenWhole() {
    provider.persistWorkflow(stored.toBuilder().revision(null).build());

    assertThat(written()).containsExactly(WORKFLOW, "execution_pointers UPDATE " + POINTERS);
  }
}
