package dev.wfe.postgres.growth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A pool's connections keep their prepared statements, and with them the plans that were best when
 * the store was nearly empty. The server drops them when it has new statistics: autovacuum looks
 * once a minute whether a table has grown by a tenth.
 */
@ExtendWith(TestDatabaseExtension.class)
final class GrowthTest {
  private static final int ROWS_BEFORE = 10;

  /** More of them in {@code mvn -Plarge}. */
  private static final int ROWS = Integer.getInteger("wfe.test.growth.rows", 30_000);

  /**
   * The driver prepares a statement at its fifth use, the server fixes its plan five uses later.
   */
  private static final int USES = 12;

  private static final int FEW = 10;

  private static final String NO_AUTOVACUUM =
      """
      do $$
      declare name text;
      begin
        for name in select tablename from pg_tables where schemaname = 'wfc' loop
          execute format('alter table wfc.%I set (autovacuum_enabled = off)', name);
        end loop;
      end $$
      """;

  private final TestDatabase database;

  GrowthTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void statementsPreparedOnAnEmptyStoreUseTheIndexesOfALargeOne() {
    database.execute(NO_AUTOVACUUM);
    database.execute(FinishedWork.rows(1, ROWS_BEFORE));
    database.execute("vacuum analyze");
    try (ExplainedStatements statements = new ExplainedStatements(database, "");
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      for (int i = 0; i < USES; i++) {
        RepeatedCalls.all().values().forEach(call -> call.accept(provider, unique()));
      }
      assertThat(statements.preparedWithAFixedPlan()).isGreaterThan(20);

      database.execute(FinishedWork.rows(ROWS_BEFORE + 1, ROWS));
      database.execute("analyze");

      SoftAssertions softly = new SoftAssertions();
      RepeatedCalls.all()
          .forEach(
              (operation, call) -> {
                List<Plan> plans = statements.of(() -> call.accept(provider, unique()));
                softly.assertThat(plans).as(operation).isNotEmpty();
                for (Plan plan : plans) {
                  softly.assertThat(plan.scannedTables()).as("%s: %s", operation, plan).isEmpty();
                  softly
                      .assertThat(plan.mostRows())
                      .as("%s: %s", operation, plan)
                      .isLessThanOrEqualTo(FEW);
                }
              });
      softly.assertAll();
    }
  }

  private static String unique() {
    return UUID.randomUUID().toString();
  }
}
