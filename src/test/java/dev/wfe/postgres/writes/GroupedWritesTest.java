package dev.wfe.postgres.writes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.repository.ClaimPositions;
import dev.wfe.postgres.internal.repository.CommandLeases;
import dev.wfe.postgres.internal.repository.Repositories;
import dev.wfe.postgres.internal.repository.WriteGroups;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.transaction.CallerTransactionSource;
import dev.wfe.postgres.internal.transaction.GroupCommit.Waits;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import dev.wfe.postgres.internal.transaction.TransactionScopes;
import dev.wfe.postgres.internal.transaction.WakeUps;
import dev.wfe.postgres.internal.transaction.WorkListeners;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Writes of many threads that share a commit. So that they do, eight writes wait for locks of the
 * test until the others wait too, and nothing else lets them go on.
 */
@ExtendWith(TestDatabaseExtension.class)
final class GroupedWritesTest {
  private static final int BLOCKED = 8;
  private static final int MANY = 128;
  private static final StoreSql SQL = StoreSql.of(new StoreNames("wfc", ""));

  private final TestDatabase database;
  private final List<Background<WorkflowInstance>> blocked = new ArrayList<>();
  private PostgresPersistenceProvider provider;
  private TransactionScopes scopes;
  private WriteGroups groups;
  private WorkflowRepository workflows;
  private Connection blocker;

  GroupedWritesTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void open() throws SQLException {
    provider = PostgresPersistenceProvider.connect(database.url());
    scopes =
        TransactionScopes.of(
            ConnectionSource.of(database.dataSource()),
            Optional::empty,
            new TransactionScopes.Timeouts(Duration.ofMinutes(1), Duration.ofMinutes(1)));
    groups =
        new WriteGroups(
            MANY, new Waits(Duration.ZERO, Duration.ofHours(1)), scopes.unrepeated(), SQL);
    workflows = workflowsIn(scopes.independent());
    database.emptyStore("wfc");
    blocker = database.dataSource().getConnection();
    blocker.setAutoCommit(false);
  }

  private WorkflowRepository workflowsIn(TransactionScope scope) {
    return Repositories.in(
            scope,
            SQL,
            groups,
            new CommandLeases(CommandLeases.DURATION),
            new ClaimPositions(Duration.ZERO, 1, 0),
            new WorkListeners(WakeUps.NONE),
            () -> {
              throw new IllegalStateException("No query");
            })
        .workflows();
  }

  @AfterEach
  void close() throws SQLException {
    blocker.close();
    groups.close();
    scopes.close();
    provider.close();
    database.execute(
        "drop trigger if exists grouped on wfc.workflows; drop sequence if exists public.updates");
  }

  /** Begins the calls, each in its thread, and lets them go on when all wait for their turn. */
  private <T> List<Background<T>> together(List<Callable<T>> calls) throws Exception {
    blockTheGroup();
    List<Background<T>> begun = calls.stream().map(Background::of).toList();
    Eventually.isTrue("all wait", () -> begun.stream().allMatch(Background::isInTimedWait));
    blocker.rollback();
    for (Background<WorkflowInstance> one : blocked) {
      one.value();
    }
    return begun;
  }

  /** From now on, writes that may share a commit wait. */
  private void blockTheGroup() throws SQLException {
    List<WorkflowInstance> created = Batches.created(provider, "blocked", BLOCKED);
    lock(blocker, "id like 'blocked%'");
    for (WorkflowInstance workflow : created) {
      blocked.add(Background.of(() -> workflows.persistWorkflow(described(workflow))));
    }
    awaitBlocked(BLOCKED, blocker);
  }

  private static void lock(Connection connection, String which) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select from wfc.workflows where " + which + " for update");
    }
  }

  private void awaitBlocked(int count, Connection by) throws SQLException {
    int holder = by.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    Eventually.isTrue(
        count + " wait for the lock",
        () ->
            Integer.toString(count)
                .equals(
                    database.queryForString(
                        "select count(*) from pg_stat_activity where "
                            + holder
                            + " = any(pg_blocking_pids(pid))")));
  }

  private static WorkflowInstance described(WorkflowInstance workflow) {
    return workflow.toBuilder().description("changed").build();
  }

  private List<Callable<WorkflowInstance>> persists(List<WorkflowInstance> created) {
    List<Callable<WorkflowInstance>> calls = new ArrayList<>();
    created.forEach(workflow -> calls.add(() -> workflows.persistWorkflow(described(workflow))));
    return calls;
  }

  private long commitsOf(String prefix) {
    return Long.parseLong(
        String.valueOf(
            database.queryForString(
                "select count(distinct xmin::text) from wfc.workflows where id like '%s%%'"
                    .formatted(prefix))));
  }

  private long changed(String prefix) {
    return Long.parseLong(
        String.valueOf(
            database.queryForString(
                "select count(*) from wfc.workflows where description = 'changed' and id like '%s%%'"
                    .formatted(prefix))));
  }

  @Test
  void manyPersistsTakeOneCommit() throws Exception {
    List<WorkflowInstance> created = Batches.created(provider, "w", MANY);

    List<Background<WorkflowInstance>> persisted = together(persists(created));

    for (int i = 0; i < MANY; i++) {
      assertThat(persisted.get(i).value()).isEqualTo(described(created.get(i)));
    }
    assertThat(commitsOf("w")).isOne();
    for (Background<WorkflowInstance> one : persisted) {
      provider.persistWorkflow(one.value().toBuilder().description("again").build());
    }
  }

  @Test
  void manyCreationsTakeOneCommit() throws Exception {
    List<Callable<WorkflowInstance>> calls = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      WorkflowInstance workflow = Batches.workflow("n" + i);
      calls.add(() -> workflows.create(workflow));
    }

    List<Background<WorkflowInstance>> created = together(calls);

    for (Background<WorkflowInstance> one : created) {
      provider.persistWorkflow(described(one.value()));
    }
    assertThat(changed("n")).isEqualTo(MANY);
    assertThat(
            database.queryForString(
                "select count(distinct xmin::text) from wfc.execution_pointers"
                    + " where workflow_id like 'n%'"))
        .isEqualTo("1");
  }

  @Test
  void eachGetsItsOwnRefusalAndTheOthersAreWritten() throws Exception {
    List<WorkflowInstance> created = Batches.created(provider, "w", 20);
    WorkflowInstance stale = created.get(0);
    provider.persistWorkflow(stale.toBuilder().description("theirs").build());
    WorkflowInstance missing = provider.create(Batches.workflow("missing"));
    database.execute(
        "delete from wfc.execution_pointers where workflow_id = 'missing';"
            + "delete from wfc.workflows where id = 'missing'");
    provider.create(Batches.workflow("other"));
    WorkflowInstance colliding =
        created.get(1).toBuilder().executionPointers(List.of(Batches.pointer("other-0"))).build();
    List<Callable<WorkflowInstance>> calls =
        new ArrayList<>(persists(created.subList(2, created.size())));
    calls.add(() -> workflows.persistWorkflow(described(stale)));
    calls.add(() -> workflows.persistWorkflow(described(missing)));
    calls.add(() -> workflows.persistWorkflow(colliding));
    calls.add(() -> workflows.create(Batches.workflow("other")));

    List<Background<WorkflowInstance>> outcomes = together(calls);

    for (int i = 0; i < 18; i++) {
      outcomes.get(i).value();
    }
    StoreException refusal = outcomes.get(18).failure(StaleRevisionException.class);
    assertThat(refusal.ids()).containsExactly("w0");
    assertThat(refusal.getStackTrace())
        .as("the trace of the caller")
        .anyMatch(frame -> frame.getClassName().contains("GroupedWritesTest"));
    assertThat(outcomes.get(19).failure(NotFoundException.class)).hasMessageContaining("missing");
    assertThat(outcomes.get(20).failure(DuplicateException.class)).hasMessageContaining("other-0");
    assertThat(outcomes.get(21).failure(DuplicateException.class)).hasMessageContaining("other");
    assertThat(changed("w")).isEqualTo(18);
    assertThat(commitsOf("w1")).as("w1 and w10 to w19").isEqualTo(2);
  }

  @Test
  void twoPersistsOfOneWorkflowAreOneWrittenAndOneStale() throws Exception {
    List<WorkflowInstance> created = Batches.created(provider, "w", 20);
    List<Callable<WorkflowInstance>> calls = persists(created);
    calls.addAll(persists(created.subList(0, 1)));

    List<Background<WorkflowInstance>> outcomes = together(calls);

    List<Background<WorkflowInstance>> written = new ArrayList<>();
    for (Background<WorkflowInstance> one : List.of(outcomes.get(0), outcomes.get(20))) {
      if (one.succeeds()) {
        written.add(one);
      } else {
        one.failure(StaleRevisionException.class);
      }
    }
    assertThat(written).hasSize(1);
    assertThat(changed("w")).isEqualTo(20);
  }

  @Test
  void writeUnderALostLeaseIsRefusedAndTheOthersReleaseTheirs() throws Exception {
    Batches.created(provider, "w", 20);
    List<Claim> claims =
        provider
            .claimWorkflows(
                new ClaimRequest(
                    "host",
                    List.of(new DefinitionVersion("order", 1)),
                    20,
                    1_000_000,
                    Duration.ofHours(1)))
            .workflows()
            .stream()
            .map(one -> one.claim())
            .toList();
    database.execute("update wfc.workflow_leases set epoch = 1 where workflow_id = 'w0'");
    List<Callable<Object>> calls = new ArrayList<>();
    for (Claim claim : claims) {
      WorkflowWrite write =
          Batches.step(provider.getLiveWorkflow(claim.id()), claim.id() + "-next")
              .under(claim, LeaseAction.RELEASE)
              .build();
      calls.add(() -> workflows.write(write));
    }

    List<Background<Object>> outcomes = together(calls);

    for (int i = 0; i < 20; i++) {
      if (claims.get(i).id().equals("w0")) {
        outcomes.get(i).failure(LeaseLostException.class);
      } else {
        outcomes.get(i).value();
      }
    }
    assertThat(database.queryForStrings("select workflow_id from wfc.workflow_leases"))
        .containsExactly("w0");
  }

  @Test
  void lockedRowMakesOnlyItsOwnWriterWait() throws Exception {
    List<WorkflowInstance> created = Batches.created(provider, "w", MANY);
    try (Connection operator = database.dataSource().getConnection()) {
      operator.setAutoCommit(false);
      lock(operator, "id = 'w7'");

      List<Background<WorkflowInstance>> outcomes = together(persists(created));

      for (int i = 0; i < MANY; i++) {
        if (i != 7) {
          outcomes.get(i).value();
        }
      }
      assertThat(commitsOf("w")).isEqualTo(2);
      assertThat(outcomes.get(7).isDone()).isFalse();
      operator.rollback();
      assertThat(outcomes.get(7).value().description()).isEqualTo("changed");
    }
  }

  @Test
  void keyThatAnOpenTransactionTookMakesOnlyItsOwnWriterWait() throws Exception {
    List<WorkflowInstance> created = new ArrayList<>(Batches.created(provider, "w", 20));
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(
          "insert into wfc.execution_pointers (id, workflow_id, step_id, status)"
              + " values ('taken', 'w0', 1, 'Pending')");
      List<ExecutionPointer> pointers = new ArrayList<>(created.get(7).executionPointers());
      pointers.add(Batches.pointer("taken"));
      created.set(7, created.get(7).toBuilder().executionPointers(pointers).build());

      List<Background<WorkflowInstance>> outcomes = together(persists(created));

      for (int i = 0; i < 20; i++) {
        if (i != 7) {
          outcomes.get(i).value();
        }
      }
      assertThat(outcomes.get(7).isDone()).isFalse();
      other.commit();
      outcomes.get(7).failure(DuplicateException.class);
    }
  }

  @Test
  void persistsInACallersTransactionAndUnguardedOnesDoNotWait() throws Exception {
    List<WorkflowInstance> created = Batches.created(provider, "w", 2);
    blockTheGroup();
    try (Connection caller = database.dataSource().getConnection()) {
      caller.setAutoCommit(false);
      WorkflowRepository joined = workflowsIn(scopes.in(CallerTransactionSource.of(caller)));

      Background.of(() -> joined.persistWorkflow(described(created.get(0)))).value();
      caller.rollback();
    }
    WorkflowInstance unguarded = described(created.get(1)).toBuilder().revision(null).build();
    Background.of(() -> workflows.persistWorkflow(unguarded)).value();

    assertThat(
            database.queryForStrings("select id from wfc.workflows where description = 'changed'"))
        .containsExactly("w1");
    assertThat(blocked).noneMatch(Background::isDone);
  }

  private void onUpdate(String timing, String body) {
    database.execute(
        """
        create or replace function grouped() returns trigger language plpgsql as $$
        begin %s return new; end $$;
        create %s grouped after update on wfc.workflows %s
          for each row when (new.id like 'w%%') execute function grouped()
        """
            .formatted(body, timing.isEmpty() ? "trigger" : "constraint trigger", timing));
  }

  @Test
  void nobodyIsAnsweredBeforeACommitThatFails() throws Exception {
    List<WorkflowInstance> created = Batches.created(provider, "w", MANY);
    onUpdate(
        "deferrable initially deferred",
        "if new.id = 'w7' then raise exception 'not at commit'; end if;");

    List<Background<WorkflowInstance>> outcomes = together(persists(created));

    outcomes.get(7).failure(StoreFailureException.class);
    for (int i = 0; i < MANY; i++) {
      if (i != 7) {
        outcomes.get(i).value();
      }
    }
    assertThat(changed("w")).isEqualTo(MANY - 1);
  }

  @Test
  void afterALostConnectionEachIsToldThatItsOwnOutcomeIsUnknown() throws Exception {
    List<WorkflowInstance> created = Batches.created(provider, "w", 20);
    database.execute("create sequence public.updates");
    onUpdate(
        "",
        "if nextval('public.updates') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;");

    List<Background<WorkflowInstance>> outcomes = together(persists(created));

    for (int i = 0; i < 20; i++) {
      UnknownOutcomeException unknown = outcomes.get(i).failure(UnknownOutcomeException.class);
      assertThat(unknown.ids()).containsExactly("w" + i);
      assertThat(unknown.retryable()).isTrue();
      assertThat(unknown).hasMessageStartingWith("persistWorkflow was sent");
    }
    assertThat(changed("w")).isZero();
  }
}
