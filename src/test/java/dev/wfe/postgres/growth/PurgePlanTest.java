package dev.wfe.postgres.growth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.OldErrors;
import dev.wfe.persistence.PurgeTarget.ProcessedEvents;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A batch reads about what it deletes, among many workflows that have not ended or are young. */
@ExtendWith(TestDatabaseExtension.class)
final class PurgePlanTest {
  private static final Duration YEAR = Duration.ofDays(365);
  private static final int BATCH = 64;
  private static final int FEW = 10;

  /** The most pointers, errors and so on of one workflow. */
  private static final int OF_EACH = 2;

  private static final String ROWS =
      """
      insert into wfc.workflows
          (id, name, definition_id, version, status, create_time, complete_time)
        select 'w' || i, 'w' || i, 'd', 1,
          case when i % 100 = 0 then 'Complete' when i % 2 = 0 then 'Suspended' else 'Runnable' end,
          now() - interval '5 years',
          case when i % 200 = 0 then now() - interval '2 years' when i % 100 = 0 then now() end
        from generate_series(1, 40000) i;
      insert into wfc.execution_pointers (id, workflow_id, step_id, status, position)
        select 'p' || i || ' ' || n, 'w' || i, n, 'Complete', n
        from generate_series(1, 40000) i cross join generate_series(1, 2) n;
      insert into wfc.execution_errors (error_time, workflow_id, execution_pointer_id, message)
        select now() - i * interval '1 day', 'w' || i, 'p', 'm' from generate_series(1, 40000) i;
      insert into wfc.events (id, event_name, event_key, event_time, is_processed)
        select 'e' || i, 'n', 'k' || i, now() - i * interval '1 day', true
        from generate_series(1, 40000) i;
      vacuum analyze;
      """;

  private static List<Plan> plans(
      ExplainedStatements statements, PostgresPersistenceProvider provider, PurgeTarget target) {
    AtomicInteger deleted = new AtomicInteger();
    List<Plan> plans =
        statements.of(() -> deleted.set(provider.purge(target, BATCH, null).deleted()));
    assertThat(deleted).hasValue(BATCH);
    return plans;
  }

  @Test
  void aBatchReadsAboutWhatItDeletes(TestDatabase database) {
    for (String statement : ROWS.split(";\n", -1)) {
      if (!statement.isBlank()) {
        database.execute(statement);
      }
    }
    try (ExplainedStatements statements = new ExplainedStatements(database, "");
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      for (PurgeTarget target :
          List.of(
              new EndedWorkflows(WorkflowStatus.COMPLETE, YEAR),
              new ProcessedEvents(YEAR),
              new OldErrors(YEAR))) {
        for (int use = 0; use < 2; use++) {
          assertThat(plans(statements, provider, target))
              .isNotEmpty()
              .allSatisfy(
                  plan -> {
                    assertThat(plan.scannedTables()).as("%s: %s", target, plan).isEmpty();
                    assertThat(plan.mostRows())
                        .as("%s: %s", target, plan)
                        .isLessThanOrEqualTo(OF_EACH * BATCH + FEW);
                  });
        }
      }
    }
  }
}
