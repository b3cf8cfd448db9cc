package dev.wfe.postgres.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the indexes for queries add to the write-ahead log: 530 bytes to 5,170 for an instance with
 * three steps, each of which changes when it is due. A persist that stays in its page adds nothing.
 */
final class QueryIndexCostTest {
  private static final int INSTANCES = 400;
  private static final int STEPS = 3;
  private static final String DROP =
      """
      drop index wfc.idx_workflows_create_time, wfc.idx_workflows_complete_time,
        wfc.idx_execution_pointers_failed, wfc.idx_execution_errors_time
      """;

  /** The bytes that one instance writes from its creation to its end. */
  private static long bytesOfALife(boolean isIndexed) {
    try (TestDatabase database = TestDatabase.migrated();
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(
                database.url(), PostgresOptions.builder().wakeUps(false).build())) {
      if (!isIndexed) {
        database.execute(DROP);
      }
      live(provider, "warm up ");
      long before = written(database);
      live(provider, "measured ");
      return (written(database) - before) / INSTANCES;
    }
  }

  private static long written(TestDatabase database) {
    return Long.parseLong(
        String.valueOf(
            database.queryForString("select (pg_current_wal_insert_lsn() - '0/0')::bigint")));
  }

  /** Each step ends a pointer and sets the next time, so no update stays in its page. */
  private static void live(PostgresPersistenceProvider provider, String prefix) {
    for (int i = 0; i < INSTANCES; i++) {
      List<ExecutionPointer> pointers = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        pointers.add(ExecutionPointer.builder(step).build());
      }
      WorkflowInstance instance =
          provider.create(
              WorkflowInstance.builder("order", 1)
                  .name(prefix + i)
                  .executionPointers(pointers)
                  .nextExecution(0L)
                  .build());
      for (int step = 0; step < STEPS; step++) {
        boolean isLast = step == STEPS - 1;
        pointers.set(step, pointers.get(step).toBuilder().status(PointerStatus.COMPLETE).build());
        instance =
            provider.persistWorkflow(
                instance.toBuilder()
                    .executionPointers(pointers)
                    .nextExecution(isLast ? null : Long.valueOf(step + 1))
                    .status(isLast ? WorkflowStatus.COMPLETE : WorkflowStatus.RUNNABLE)
                    .completeTime(isLast ? Instant.now() : null)
                    .build());
      }
    }
  }

  @Test
  void theyAddLittleToTheLogOfALife() {
    long without = bytesOfALife(false);

    assertThat(bytesOfALife(true) - without)
        .as("%s bytes without the indexes", without)
        .isBetween(100L, 700L);
  }
}
