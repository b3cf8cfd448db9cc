package dev.wfe.postgres.internal.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.growth.ExplainedStatements;
import dev.wfe.postgres.growth.Plan;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.transaction.WakeUps;
import dev.wfe.postgres.internal.transaction.WorkListeners;
import dev.wfe.postgres.testing.PausedReads;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Claims after one that is taken for a long one. */
@ExtendWith(TestDatabaseExtension.class)
final class ClaimsThatGoOnTest {
  private static final int EXECUTED = 5_000;
  private static final int BACKLOG = 16;
  private static final Duration NEVER = Duration.ofDays(1);

  private static final List<DefinitionVersion> DEFINITIONS =
      List.of(new DefinitionVersion("definition", 1), new DefinitionVersion("definition", 2));

  private static final String WORKFLOWS =
      """
      insert into wfc.workflows
          (id, name, definition_id, version, status, next_execution, create_time)
        select '%1$s' || i, '%1$s' || i, 'definition', 1, 'Runnable', i, now()
        from generate_series(%2$s, %3$s) i;
      """;

  private final TestDatabase database;
  private final ExplainedStatements statements;
  private final PostgresPersistenceProvider provider;
  private final PostgresLeaseRepository leases;

  ClaimsThatGoOnTest(TestDatabase database) {
    this.database = database;
    this.statements = new ExplainedStatements(database, "set auto_explain.log_buffers = on");
    this.provider = PostgresPersistenceProvider.over(statements.dataSource());
    // Each claim is a long one, and the next ones go on for long.
    this.leases = leases(new ClaimPositions(Duration.ZERO, 1, 1_000_000));
  }

  private PostgresLeaseRepository leases(ClaimPositions positions) {
    return leases(provider, positions);
  }

  private static PostgresLeaseRepository leases(
      PostgresPersistenceProvider provider, ClaimPositions positions) {
    var scope = ProviderDatabase.of(provider);
    StoreSql sql = StoreSql.of(new StoreNames("wfc", ""));
    return new PostgresLeaseRepository(
        scope,
        sql.leases(),
        new WorkflowClaims(scope, sql, positions),
        new WorkSignals(scope, new WorkListeners(WakeUps.NONE)));
  }

  @BeforeEach
  void emptyTables() {
    database.emptyStore("wfc");
  }

  @AfterEach
  void close() {
    provider.close();
    statements.close();
  }

  private List<String> claim(PostgresLeaseRepository by, int definitions, int limit) {
    return by
        .claimWorkflows(
            new ClaimRequest(
                "host",
                DEFINITIONS.subList(0, definitions),
                limit,
                Long.MAX_VALUE,
                Duration.ofHours(1)))
        .workflows()
        .stream()
        .map(ClaimedWorkflow::claim)
        .map(claim -> claim.id())
        .toList();
  }

  private void insert(String prefix, int from, int to) {
    database.execute(WORKFLOWS.formatted(prefix, from, to));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void claimGoesOnASecondBeforeTheEarliestOfTheOneBefore(int definitions) {
    insert("w", 5_000, 5_001);
    assertThat(claim(leases, definitions, 3)).containsExactly("w5000", "w5001");
    insert("late", 3_999, 4_000);
    insert("w", 5_002, 5_002);
    assertThat(claim(leases, definitions, 3)).containsExactly("late4000", "w5002");

    PostgresLeaseRepository other = leases(new ClaimPositions(Duration.ZERO, 1, 1));
    assertThat(claim(other, definitions, 2)).containsExactly("late3999");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void claimThatFoundAsMuchAsItAskedForIsContinuedBehindTheLast(int definitions) {
    PostgresLeaseRepository backlog = leases(new ClaimPositions(NEVER, 1, 1_000_000));
    insert("a", 1, BACKLOG - 1);
    for (String same : List.of("b", "c", "d")) {
      insert(same, BACKLOG, BACKLOG);
    }
    assertThat(claim(backlog, definitions, BACKLOG)).hasSize(BACKLOG).endsWith("b16");
    insert("late", BACKLOG - 1, BACKLOG - 1);
    assertThat(claim(backlog, definitions, BACKLOG)).containsExactly("c16", "d16");
    assertThat(claim(backlog, definitions, BACKLOG)).containsExactly("late15");
  }

  @Test
  void claimThatFindsNothingBehindTheLastIsRepeatedFromTheBeginning() {
    PostgresLeaseRepository backlog = leases(new ClaimPositions(NEVER, 1, 1_000_000));
    insert("w", 2, BACKLOG + 1);
    assertThat(claim(backlog, 1, BACKLOG)).hasSize(BACKLOG);
    insert("late", 1, 1);
    assertThat(claim(backlog, 1, BACKLOG)).containsExactly("late1");
  }

  @Test
  void claimThatFoundFewIsNoBacklog() {
    PostgresLeaseRepository backlog = leases(new ClaimPositions(NEVER, 1, 1_000_000));
    insert("w", 2, BACKLOG);
    assertThat(claim(backlog, 1, BACKLOG - 2)).hasSize(BACKLOG - 2);
    insert("late", 1, 1);
    assertThat(claim(backlog, 1, BACKLOG)).containsExactly("late1", "w16");
  }

  /**
   * A workflow that was leased since the claim began can be locked again, and the claim does not
   * see the lease. It waits when it has read the first row, see {@code StaleSnapshotTest}.
   */
  @Test
  void claimThatGoesOnPassesOverWhatWasLeasedSinceItBegan() throws Exception {
    insert("w", 1, 3 * BACKLOG);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (PausedReads paused = PausedReads.of(database)) {
      PostgresLeaseRepository backlog =
          leases(paused.provider(), new ClaimPositions(NEVER, 1, 1_000_000));
      assertThat(claim(backlog, 1, BACKLOG)).hasSize(BACKLOG);
      paused.pause();
      Future<List<String>> claimed = thread.submit(() -> claim(backlog, 1, 4));
      paused.awaitReader();
      assertThat(claim(leases, 1, 2)).containsExactly("w17", "w18");
      paused.goOn();
      assertThat(claimed.get(1, TimeUnit.MINUTES)).containsExactly("w19", "w20", "w21", "w22");
    } finally {
      thread.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void expiredLeasesAreTakenOver(int definitions) {
    insert("w", 5_000, 5_000);
    assertThat(claim(leases, definitions, 2)).containsExactly("w5000");
    database.execute("update wfc.workflow_leases set expires_at = now() - interval '1 s'");
    assertThat(claim(leases, definitions, 2)).containsExactly("w5000");
  }

  @Test
  void nextDueTimeIsKnown() {
    insert("w", 5_000, 5_000);
    assertThat(claim(leases, 1, 1)).hasSize(1);
    database.execute(
        "insert into wfc.workflows"
            + " (id, name, definition_id, version, status, next_execution, create_time)"
            + " select 'later', 'later', 'definition', 1, 'Runnable',"
            + " extract(epoch from now() + interval '1 h')::bigint * 1000, now()");
    ClaimRequest request =
        new ClaimRequest("host", DEFINITIONS, 1, Long.MAX_VALUE, Duration.ofHours(2));
    assertThat(leases.claimWorkflows(request).untilNextDue())
        .isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
  }

  /** They stay in the indexes as long as somebody may still need them. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void claimDoesNotReadWhatWasExecutedSinceAnOldSnapshot(int definitions) throws Exception {
    try (Connection reader = database.dataSource().getConnection();
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("select from wfc.workflows");
      insert("executed", 1, EXECUTED);
      database.execute(
          """
          insert into wfc.workflow_leases
            select 'executed' || i, 'host', 1, 1, now() + interval '1 h'
            from generate_series(1, %1$s) i;
          """
              .formatted(EXECUTED));
      database.execute(
          "update wfc.workflows set status = 'Complete', next_execution = null;"
              + " delete from wfc.workflow_leases");
      insert("w", 2 * EXECUTED, 2 * EXECUTED + 19);

      assertThat(buffersOfClaim(definitions)).isGreaterThan(EXECUTED / 10);
      assertThat(buffersOfClaim(definitions)).isLessThan(200);
      reader.rollback();
    }
  }

  private long buffersOfClaim(int definitions) {
    return statements.of(() -> assertThat(claim(leases, definitions, 4)).hasSize(4)).stream()
        .mapToLong(Plan::buffers)
        .sum();
  }
}
