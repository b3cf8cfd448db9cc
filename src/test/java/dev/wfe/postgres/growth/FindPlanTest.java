package dev.wfe.postgres.growth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.CommandFilter;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSort.Column;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the pages of {@code docs/queries.md} read. A late page reads as much as the first one, and
 * no page of these filters and sorts scans or sorts a table.
 */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FindPlanTest {
  /** More of them in {@code mvn -Plarge}. */
  private static final int ROWS = Integer.getInteger("wfe.test.find.rows", 40_000);

  private static final int LIMIT = 50;
  private static final int FEW = 60;

  private static final String LEASE_TABLE = "workflow_leases";

  /** A plan may look at all of them: there are as many as hosts execute workflows at a time. */
  private static final int LEASES = ROWS / 400;

  private static final Instant START = Instant.parse("2020-01-01T00:00:00Z");
  private static final SortDirection NEWEST_FIRST = SortDirection.DESCENDING;

  /**
   * One in a hundred workflows is runnable and waits, one in ten is of the definition d1. Few are
   * suspended, have failed, are leased, or wait for a rare topic.
   */
  private static final String FILL =
      """
      insert into wfc.workflows (id, name, definition_id, version, status, reference, data,
          next_execution, create_time, complete_time, last_heartbeat_at)
        select 'w' || i, 'name ' || i, 'd' || i %% 10, 1,
          case when i %% 4000 = 7 then 'Suspended' when i %% 100 = 3 then 'Runnable'
            else 'Complete' end,
          'reference ' || i / 3, jsonb_build_object('customer', i / 5),
          case when i %% 100 = 3 then i end,
          timestamptz '2020-01-01' + i * interval '1 s',
          case when i %% 100 <> 3 and i %% 4000 <> 7 then timestamptz '2020-01-02' + i * interval '1 s' end,
          now()
        from generate_series(1, %1$s) i;
      insert into wfc.execution_pointers (id, workflow_id, step_id, status, position)
        select 'p' || i, 'w' || i, 1, case when i %% 2000 = 9 then 'Failed' else 'Complete' end, 1
        from generate_series(1, %1$s) i;
      insert into wfc.events (id, event_name, event_key, event_time, is_processed)
        select 'e' || i, 'name', 'key ' || i %% 100, timestamptz '2020-01-01' + i * interval '1 s',
          i %% 10 <> 0
        from generate_series(1, %1$s) i;
      insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,
          event_name, event_key, subscribe_as_of)
        select 's' || i, 'w' || i, 1, 'p' || i, 'paid',
          case when i %% 4000 = 3 then 'rare' else 'key ' || i end, now()
        from generate_series(3, %1$s, 100) i;
      insert into wfc.scheduled_commands (command_name, data, execute_time)
        select 'ProcessWorkflow', 'w' || i, i from generate_series(1, %1$s) i;
      insert into wfc.execution_errors (error_time, workflow_id, execution_pointer_id, message)
        select timestamptz '2020-01-01' + i * interval '1 s', 'w' || i / 100, 'p' || i, 'message'
        from generate_series(1, %1$s) i;
      insert into wfc.workflow_leases (workflow_id, owner, epoch, attempt, expires_at)
        select 'w' || i, 'host ' || i %% 1000, 1, 1, '2100-01-01' from generate_series(3, %1$s, 400) i;
      """;

  private final TestDatabase database;
  private final ExplainedStatements statements;
  private final PostgresPersistenceProvider provider;

  FindPlanTest(TestDatabase database) {
    this.database = database;
    statements = new ExplainedStatements(database, "");
    provider = PostgresPersistenceProvider.over(statements.dataSource());
  }

  @BeforeAll
  void fill() {
    database.execute(FILL.formatted(ROWS));
    database.execute("vacuum analyze");
  }

  @AfterAll
  void close() {
    provider.close();
    statements.close();
  }

  /** A list that is read in pages. */
  private record Find(
      String what,
      Function<PostgresPersistenceProvider, Function<PageRequest, CursoredPage<?>>> of) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static Find workflows(
      String what, WorkflowSort sort, UnaryOperator<WorkflowFilter.Builder> where) {
    WorkflowFilter filter = where.apply(WorkflowFilter.builder()).build();
    return new Find(
        "workflows %s by %s %s".formatted(what, sort.column(), sort.direction()),
        provider -> page -> provider.findWorkflows(filter, sort, page));
  }

  /** Those of which there are many pages. */
  static Stream<Find> longLists() {
    WorkflowSort newest = WorkflowSort.NEWEST_FIRST;
    return Stream.of(
        workflows("of all", WorkflowSort.ascending(Column.ID), where -> where),
        workflows("of all", WorkflowSort.descending(Column.NAME), where -> where),
        workflows("of all", WorkflowSort.ascending(Column.CREATE_TIME), where -> where),
        workflows("of all", newest, where -> where),
        workflows("of all", WorkflowSort.descending(Column.COMPLETE_TIME), where -> where),
        workflows("complete", newest, where -> where.status(WorkflowStatus.COMPLETE)),
        workflows(
            "complete",
            WorkflowSort.ascending(Column.COMPLETE_TIME),
            where -> where.status(WorkflowStatus.COMPLETE)),
        workflows(
            "created since",
            WorkflowSort.ascending(Column.CREATE_TIME),
            where -> where.created(TimeRange.from(START.plusSeconds(100)))),
        workflows("unleased", newest, where -> where.unleased()),
        workflows("of a frequent definition", newest, where -> where.definition("d1")),
        new Find(
            "events", provider -> page -> provider.findEvents(EventFilter.ALL, NEWEST_FIRST, page)),
        new Find(
            "unprocessed events",
            provider ->
                page ->
                    provider.findEvents(
                        EventFilter.builder().unprocessed().build(), NEWEST_FIRST, page)),
        new Find(
            "commands",
            provider -> page -> provider.findCommands(CommandFilter.ALL, NEWEST_FIRST, page)),
        new Find(
            "errors",
            provider -> page -> provider.findErrors(ErrorFilter.ALL, NEWEST_FIRST, page)));
  }

  /** Each row of the page, and up to ten that the filter leaves out before it. */
  private static final int ROWS_OF_A_PAGE = 15 * LIMIT;

  @ParameterizedTest
  @MethodSource("longLists")
  void aLatePageReadsAsMuchAsTheFirst(Find find) {
    Function<PageRequest, CursoredPage<?>> pages = find.of().apply(provider);
    @Nullable String late = null;
    int rows = 0;
    for (CursoredPage<?> page = pages.apply(PageRequest.first(PageRequest.MAX_LIMIT));
        page.next() != null && rows < ROWS * 0.9;
        page = pages.apply(PageRequest.after(page.next(), PageRequest.MAX_LIMIT))) {
      late = page.next();
      rows += page.rows().size();
    }
    assertThat(rows).isGreaterThanOrEqualTo(ROWS / 20);
    PageRequest latePage = new PageRequest(LIMIT, late);

    List<Plan> first = plans(pages, PageRequest.first(LIMIT));
    List<Plan> last = plans(pages, latePage);

    Stream.of(first, last).flatMap(List::stream).forEach(plan -> assertReadsLittle(plan));
    assertThat(rowsRead(last)).isLessThanOrEqualTo(rowsRead(first) * 1.5);
    assertThat(pagesRead(last))
        .as("first: %s%nlate: %s", first, last)
        .isLessThanOrEqualTo(pagesRead(first) * 1.5);
  }

  private static void assertReadsLittle(Plan plan) {
    assertThat(plan.scannedTables()).as("%s", plan).isSubsetOf(LEASE_TABLE);
    assertThat(plan.mostRowsBeside(LEASE_TABLE)).as("%s", plan).isLessThanOrEqualTo(ROWS_OF_A_PAGE);
  }

  /** The second time, because the first one reads the catalogue too. */
  private List<Plan> plans(Function<PageRequest, CursoredPage<?>> pages, PageRequest page) {
    List<Plan> plans = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      plans.clear();
      plans.addAll(statements.of(() -> assertThat(pages.apply(page).rows()).hasSize(LIMIT)));
    }
    assertThat(plans).isNotEmpty();
    return plans;
  }

  private static double rowsRead(List<Plan> plans) {
    return plans.stream().mapToDouble(plan -> plan.mostRowsBeside(LEASE_TABLE)).sum();
  }

  private static double pagesRead(List<Plan> plans) {
    return plans.stream().mapToLong(Plan::buffers).sum();
  }

  /** Those that few rows match. */
  static Stream<Find> shortLists() {
    WorkflowSort newest = WorkflowSort.NEWEST_FIRST;
    return Stream.of(
        workflows("suspended", newest, where -> where.status(WorkflowStatus.SUSPENDED)),
        workflows("by reference", newest, where -> where.reference("reference 77")),
        workflows("by name", newest, where -> where.name("name 77")),
        workflows("failed", newest, where -> where.withFailedPointer()),
        workflows("waiting", newest, where -> where.waitingFor("paid", "rare")),
        workflows("leased", newest, where -> where.leased()),
        workflows("leased by", newest, where -> where.leasedBy("host 203")),
        workflows(
            "due",
            WorkflowSort.ascending(Column.NEXT_EXECUTION),
            where ->
                where
                    .status(WorkflowStatus.RUNNABLE)
                    .due(TimeRange.before(Instant.ofEpochMilli(500)))),
        new Find(
            "errors of a workflow",
            provider ->
                page ->
                    provider.findErrors(
                        ErrorFilter.builder().workflow("w7").build(), NEWEST_FIRST, page)),
        new Find(
            "subscriptions of a workflow",
            provider ->
                page ->
                    provider.findSubscriptions(
                        SubscriptionFilter.builder().workflow("w3").build(), NEWEST_FIRST, page)));
  }

  @ParameterizedTest
  @MethodSource("shortLists")
  void aSelectiveFilterReadsWhatItMatches(Find find) {
    Function<PageRequest, CursoredPage<?>> pages = find.of().apply(provider);
    int limit = PageRequest.MAX_LIMIT;

    for (Plan plan :
        statements.of(
            () -> assertThat(pages.apply(PageRequest.first(limit)).rows()).isNotEmpty())) {
      assertThat(plan.scannedTables()).as("%s", plan).isSubsetOf(LEASE_TABLE);
      assertThat(plan.mostRowsBeside(LEASE_TABLE)).as("%s", plan).isLessThanOrEqualTo(LEASES + FEW);
    }
  }

  @Test
  void aCountStopsAtItsBoundAndIsEstimatedThen() {
    List<Plan> plans =
        statements.of(
            () -> {
              RowCount count = provider.countWorkflows(WorkflowFilter.ALL, 100);
              assertThat(count.estimated()).isTrue();
              assertThat(count.rows()).isBetween(ROWS / 2L, ROWS * 2L);
            });

    assertThat(plans)
        .filteredOn(plan -> !plan.query().startsWith("explain"))
        .allSatisfy(plan -> assertThat(plan.mostRowsBeside(LEASE_TABLE)).isLessThanOrEqualTo(101));
  }

  /**
   * Looks for a value among those that {@code analyze} kept: PostgreSQL expects the most rows for
   * them.
   */
  @Test
  void anIndexOfTheDocumentationServesConditionsOnData() {
    database.execute(
        """
        create index find_data on wfc.workflows using gin (data jsonb_path_ops);
        alter table wfc.workflows alter column data set statistics 1000;
        analyze wfc.workflows""");
    try {
      String customer =
          database.queryForString(
              """
              select (histogram_bounds::text::text[])[50]::jsonb ->> 'customer'
                from pg_stats
                where schemaname = 'wfc' and tablename = 'workflows' and attname = 'data'""");
      Function<PageRequest, CursoredPage<?>> pages =
          workflows(
                  "by data",
                  WorkflowSort.NEWEST_FIRST,
                  where ->
                      where.dataContains(
                          JsonNodeFactory.instance
                              .objectNode()
                              .put("customer", Integer.valueOf(customer))))
              .of()
              .apply(provider);

      assertThat(
              statements.of(
                  () -> assertThat(pages.apply(PageRequest.first(LIMIT)).rows()).hasSize(5)))
          .allSatisfy(
              plan ->
                  assertThat(plan.mostRowsBeside(LEASE_TABLE)).isLessThanOrEqualTo(LEASES + FEW));
    } finally {
      database.execute(
          """
          drop index wfc.find_data;
          alter table wfc.workflows alter column data set statistics -1;
          analyze wfc.workflows""");
    }
  }
}
