package dev.wfe.postgres.growth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A claim reads neither the due workflows of other definitions nor the pointers that have ended,
 * and reads each lease at most once.
 */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClaimPlanTest {
  private static final int LIMIT = 4;
  private static final int FEW = 20;

  /** How many due workflows a claim under limits looks at. */
  private static final int WINDOW = 64;

  /** A million of them in {@code mvn -Plarge}. */
  private static final int UNKNOWN = Integer.getInteger("wfe.test.claim.unknown", 50_000);

  private static final int LEASED = 10_000;
  private static final int ENDED_POINTERS = 10_000;

  /** Half of the cost from which a server with default settings compiles a statement. */
  private static final double MAX_COST = 50_000;

  private static final List<DefinitionVersion> KNOWN =
      List.of(new DefinitionVersion("known", 1), new DefinitionVersion("other", 1));

  private static final String ROWS =
      """
      insert into wfc.workflows
          (id, name, definition_id, version, status, next_execution, create_time)
        select 'u' || i, 'u' || i, 'unknown', 1, 'Runnable', 0, now()
        from generate_series(1, %s) i;
      insert into wfc.workflows
          (id, name, definition_id, version, status, next_execution, create_time)
        select 'k' || i, 'k' || i, 'known', 1, 'Runnable', i, now()
        from generate_series(1, 10) i;
      insert into wfc.execution_pointers (id, workflow_id, step_id, status, position)
        select 'ended' || i, 'k1', 1, 'Complete', i from generate_series(1, %s) i;
      insert into wfc.execution_pointers (id, workflow_id, step_id, status, position, scope)
        values ('live', 'k1', 1, 'Pending', 20000, '["ended5"]');
      """;

  private final TestDatabase database;

  ClaimPlanTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeAll
  void fill() {
    database.execute(ROWS.formatted(UNKNOWN, ENDED_POINTERS));
    database.execute("vacuum analyze");
  }

  private static ClaimRequest request(int definitions) {
    return new ClaimRequest(
        "host", KNOWN.subList(0, definitions), LIMIT, Long.MAX_VALUE, Duration.ofHours(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"force_custom_plan", "force_generic_plan"})
  void claimReadsOnlyWhatItReturns(String planCacheMode) {
    try (ExplainedStatements statements =
            new ExplainedStatements(database, "set plan_cache_mode = " + planCacheMode);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      for (int definitions = 1; definitions <= KNOWN.size(); definitions++) {
        ClaimRequest request = request(definitions);
        List<Plan> plans =
            statements.of(
                () -> assertThat(provider.claimWorkflows(request).workflows()).hasSize(LIMIT));

        assertThat(plans).hasSizeGreaterThan(1).allSatisfy(ClaimPlanTest::assertReadsLittle);
        database.execute("truncate wfc.workflow_leases");
      }
    }
  }

  /**
   * All due workflows but one have a key of which one is executed. The claim looks at a limited
   * number of them, twice: at the first ones, and at those behind the last claim.
   */
  @ParameterizedTest
  @ValueSource(strings = {"force_custom_plan", "force_generic_plan"})
  void claimUnderLimitsReadsFewOfABusyKey(String planCacheMode) {
    database.execute("update wfc.workflows set limit_key = 'busy' where definition_id = 'unknown'");
    database.execute("vacuum analyze wfc.workflows");
    ClaimRequest request =
        new ClaimRequest(
            "host",
            List.of(new DefinitionVersion("unknown", 1)),
            LIMIT,
            Long.MAX_VALUE,
            Duration.ofHours(1),
            Map.of(
                "unknown", new ClaimLimits(5, 1, new ClaimLimits.Rate(100, Duration.ofHours(1)))));
    try (ExplainedStatements statements =
            new ExplainedStatements(database, "set plan_cache_mode = " + planCacheMode);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      List<Plan> plans =
          statements.of(() -> assertThat(provider.claimWorkflows(request).workflows()).hasSize(1));

      assertThat(plans).hasSizeGreaterThan(1).allSatisfy(ClaimPlanTest::assertReadsAWindow);
    } finally {
      database.execute("truncate wfc.workflow_leases, wfc.limit_uses");
      database.execute("update wfc.workflows set limit_key = null where definition_id = 'unknown'");
      database.execute("vacuum full analyze wfc.workflows");
    }
  }

  private static void assertReadsAWindow(Plan plan) {
    assertThat(plan.mostRows()).as("%s", plan).isLessThanOrEqualTo(WINDOW);
    assertThat(plan.scannedTables()).as("%s", plan).isEmpty();
    assertThat(plan.estimatedCost()).as("%s", plan).isLessThanOrEqualTo(MAX_COST);
  }

  private static void assertReadsLittle(Plan plan) {
    assertThat(plan.mostRows()).as("%s", plan).isLessThanOrEqualTo(FEW);
    assertThat(plan.scannedTables()).as("%s", plan).isEmpty();
    assertThat(plan.estimatedCost()).as("%s", plan).isLessThanOrEqualTo(MAX_COST);
  }

  @Test
  void livePartIsReadWithoutThePointersThatHaveEnded() {
    try (ExplainedStatements statements = new ExplainedStatements(database, "");
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      List<Plan> plans =
          statements.of(
              () ->
                  assertThat(provider.getLiveWorkflow("k1").pointers())
                      .extracting(pointer -> pointer.id())
                      .containsExactly("ended5", "live"));

      assertThat(plans).isNotEmpty().allSatisfy(ClaimPlanTest::assertReadsLittle);
    }
  }

  /**
   * The batch and the single write; each adds a pointer. A plan that is made while there are few
   * leases is kept while the table's file grows.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void writeUnderAClaimReadsNoPointersThatHaveEnded(boolean inBatch) {
    try (ExplainedStatements statements = new ExplainedStatements(database, "");
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      ClaimedWorkflow claimed = provider.claimWorkflows(request(1)).workflows().get(0);
      assertThat(claimed.workflow().id()).isEqualTo("k1");
      database.execute("vacuum analyze wfc.workflow_leases");
      String next = "next, " + inBatch;
      List<ExecutionPointer> pointers = new ArrayList<>(claimed.workflow().pointers());
      pointers.add(ExecutionPointer.builder(next, 2).build());
      WorkflowWrite write =
          WorkflowWrite.of(claimed.workflow().toBuilder().pointers(pointers).build())
              .under(claimed.claim(), WorkflowWrite.LeaseAction.RELEASE)
              .build();
      List<Plan> plans =
          statements.of(
              () -> {
                if (inBatch) {
                  provider.writeAll(List.of(write, anotherWrite(provider))).get(0).orThrow();
                } else {
                  provider.write(write);
                }
              });

      assertThat(plans).isNotEmpty().allSatisfy(ClaimPlanTest::assertReadsLittle);
      assertThat(provider.getLiveWorkflow("k1").pointers())
          .extracting(ExecutionPointer::id)
          .contains(next);
    } finally {
      database.execute("truncate wfc.workflow_leases");
      database.execute("delete from wfc.execution_pointers where id like 'next,%'");
    }
  }

  /** A batch of one is a single write. */
  private static WorkflowWrite anotherWrite(PostgresPersistenceProvider provider) {
    return WorkflowWrite.of(provider.getLiveWorkflow("k2")).build();
  }

  /** One for each lease at most. Probes of the leases' key would need 60,000. */
  @Test
  void leasedWorkflowsAtTheHeadCostFewBuffers() {
    database.execute(
        """
        insert into wfc.workflows
            (id, name, definition_id, version, status, next_execution, create_time)
          select 'l' || i, 'l' || i, 'known', 1, 'Runnable', 0, now()
          from generate_series(1, %1$s) i;
        insert into wfc.workflow_leases
          select 'l' || i, 'other host', 1, 1, now() + interval '1 h'
          from generate_series(1, %1$s) i;
        """
            .formatted(LEASED));
    database.execute("vacuum analyze wfc.workflows, wfc.workflow_leases");
    try (ExplainedStatements statements =
            new ExplainedStatements(database, "set auto_explain.log_buffers = on");
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      List<Plan> plans =
          statements.of(
              () -> assertThat(provider.claimWorkflows(request(2)).workflows()).hasSize(LIMIT));

      assertThat(plans.stream().mapToLong(Plan::buffers).sum()).isBetween(1L, (long) LEASED);
      assertThat(plans)
          .allSatisfy(plan -> assertThat(plan.mostRows()).isLessThanOrEqualTo(LEASED + FEW));
    } finally {
      database.execute("truncate wfc.workflow_leases");
      database.execute("delete from wfc.workflows where id like 'l%'");
    }
  }
}
