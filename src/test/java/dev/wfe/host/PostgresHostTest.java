package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hosts on PostgreSQL, and steps that write rows of their own. */
final class PostgresHostTest extends HostContract {
  private static TestDatabase database;
  private static PostgresPersistenceProvider provider;

  private static final EventType<String> CALLED = EventType.of("called", String.class);

  private final AtomicInteger executions = new AtomicInteger();

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
    database.execute(
        """
        create table bookings (id text primary key);
        create table strict_bookings (
          id text, constraint one_booking unique (id) deferrable initially deferred);
        """);
    provider = PostgresPersistenceProvider.connect(database.url(), PostgresOptions.defaults());
  }

  @AfterAll
  static void close() {
    provider.close();
    database.close();
  }

  @Override
  protected PersistenceProvider emptyStore() {
    provider.truncateAll();
    return provider;
  }

  @BeforeEach
  void emptyTables() {
    provider.truncateAll();
    database.execute("truncate bookings, strict_bookings");
  }

  private static void insert(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("insert into %s values ('b-1')".formatted(table));
    }
  }

  private static String rows(String table) {
    return String.valueOf(database.queryForString("select count(*) from " + table));
  }

  private WorkflowState<Notes> run(Workflow<Notes> workflow) throws Exception {
    try (WorkflowHost host = WorkflowHost.builder(provider).workflow(workflow).build()) {
      host.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      Eventually.until(
          "end",
          () ->
              host.state(workflow, id).hasEnded()
                  || host.state(workflow, id).status() == WorkflowStatus.SUSPENDED);
      return host.state(workflow, id);
    }
  }

  @Test
  void rowsOfATransactionAreCommittedWithTheOutcome() throws Exception {
    WorkflowState<Notes> state =
        run(
            Workflow.define("book", 1, Notes.class)
                .callInTransaction(
                    "book",
                    (notes, transaction) -> {
                      insert(transaction.connection(), "bookings");
                      return "booked";
                    },
                    Notes::and)
                .build());
    assertThat(state.data().notes()).containsExactly("booked");
    assertThat(rows("bookings")).isEqualTo("1");
  }

  @Test
  void rowsOfAFailedAttemptAreRolledBack() throws Exception {
    WorkflowState<Notes> state =
        run(
            Workflow.define("book", 1, Notes.class)
                .runInTransaction(
                    "book",
                    (notes, transaction) -> {
                      insert(transaction.connection(), "bookings");
                      if (executions.incrementAndGet() < 3) {
                        throw new IllegalStateException("after the insert");
                      }
                    },
                    RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(3))
                .build());
    assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(state.step("book").orElseThrow().failures()).isEqualTo(2);
    assertThat(rows("bookings")).isEqualTo("1");
  }

  @Test
  void rowsOfABranchThatTheEndCancelsAreRolledBack() throws Exception {
    CountDownLatch inserted = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Workflow<Notes> workflow =
        Workflow.define("book", 1, Notes.class)
            .parallel(
                "both",
                a -> a.run("wait", notes -> inserted.await()).end("stop"),
                b ->
                    b.runInTransaction(
                        "book",
                        (notes, transaction) -> {
                          insert(transaction.connection(), "bookings");
                          inserted.countDown();
                          ended.await();
                        }))
            .build();
    try (WorkflowHost host = WorkflowHost.builder(provider).workflow(workflow).build()) {
      host.start();
      host.startWorkflow(workflow, Notes.NONE, StartOptions.id("cancelled"));
      host.awaitEnd(workflow, "cancelled", Duration.ofMinutes(1));
      ended.countDown();
    }
    assertThat(
            WorkflowClient.over(provider)
                .state(workflow, "cancelled")
                .step("book")
                .orElseThrow()
                .status())
        .isEqualTo(PointerStatus.CANCELLED);
    assertThat(rows("bookings")).isEqualTo("0");
  }

  /** An output, and a way to put it into the data, that cannot be stored. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Unstorable {
    UNMAPPABLE(new Rule08Poison.Cyclic(), (notes, output) -> notes, "cannot be stored"),
    NUL("a\0b", (notes, output) -> notes, "NUL"),
    MERGE_THROWS(
        "booked",
        (notes, output) -> {
          throw new IllegalStateException("broken merge");
        },
        "broken merge");

    private final Object output;
    private final BiFunction<Notes, Object, Notes> merge;
    private final String error;

    Unstorable(Object output, BiFunction<Notes, Object, Notes> merge, String error) {
      this.output = output;
      this.merge = merge;
      this.error = error;
    }
  }

  @ParameterizedTest
  @EnumSource(Unstorable.class)
  void rowsOfAnOutcomeThatCannotBeStoredAreRolledBack(Unstorable unstorable) throws Exception {
    WorkflowState<Notes> state =
        run(
            Workflow.define("book", 1, Notes.class)
                .<Object>callInTransaction(
                    "book",
                    (notes, transaction) -> {
                      insert(transaction.connection(), "bookings");
                      return unstorable.output;
                    },
                    unstorable.merge)
                .build());
    assertThat(state.status()).isEqualTo(WorkflowStatus.SUSPENDED);
    assertThat(state.step("book").orElseThrow().error()).contains(unstorable.error);
    assertThat(rows("bookings")).isEqualTo("0");
  }

  @Test
  void rowsAreKeptIfTheNextStepCannotBegin() throws Exception {
    WorkflowState<Notes> state =
        run(
            Workflow.define("book", 1, Notes.class)
                .runInTransaction(
                    "book", (notes, transaction) -> insert(transaction.connection(), "bookings"))
                .update(
                    "next",
                    notes -> {
                      throw new IllegalStateException("broken update");
                    })
                .build());
    assertThat(state.status()).isEqualTo(WorkflowStatus.SUSPENDED);
    assertThat(state.step("book").orElseThrow().status()).isEqualTo(PointerStatus.COMPLETE);
    assertThat(state.step("next").orElseThrow().error()).contains("broken update");
    assertThat(rows("bookings")).isEqualTo("1");
  }

  @Test
  void statementThatFailsIsReadable() throws Exception {
    WorkflowState<Notes> state =
        run(
            Workflow.define("book", 1, Notes.class)
                .runInTransaction(
                    "book",
                    (notes, transaction) -> {
                      insert(transaction.connection(), "bookings");
                      insert(transaction.connection(), "bookings");
                    },
                    RetryPolicy.none())
                .build());
    assertThat(state.status()).isEqualTo(WorkflowStatus.SUSPENDED);
    assertThat(state.step("book").orElseThrow().error()).contains("bookings_pkey");
    assertThat(rows("bookings")).isEqualTo("0");
  }

  @Test
  void commitThatFailsIsAFailureOfTheStep() throws Exception {
    WorkflowState<Notes> state =
        run(
            Workflow.define("book", 1, Notes.class)
                .callInTransaction(
                    "book",
                    (notes, transaction) -> {
                      insert(transaction.connection(), "strict_bookings");
                      if (executions.incrementAndGet() < 3) {
                        insert(transaction.connection(), "strict_bookings");
                      }
                      return "booked";
                    },
                    Notes::and,
                    RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(3))
                .build());
    assertThat(state.data().notes()).containsExactly("booked");
    assertThat(state.step("book").orElseThrow().status()).isEqualTo(PointerStatus.COMPLETE);
    assertThat(state.step("book").orElseThrow().error()).contains("one_booking");
    assertThat(rows("strict_bookings")).isEqualTo("1");
  }

  @Test
  void brokenConnectionRollsBackAndTheStepIsRepeated() throws Exception {
    WorkflowState<Notes> state =
        run(
            Workflow.define("book", 1, Notes.class)
                .callInTransaction(
                    "book",
                    (notes, transaction) -> {
                      insert(transaction.connection(), "bookings");
                      if (executions.incrementAndGet() == 1) {
                        end(transaction.connection());
                      }
                      return "booked";
                    },
                    Notes::and)
                .build());
    assertThat(state.data().notes()).containsExactly("booked");
    assertThat(executions).hasValue(2);
    assertThat(rows("bookings")).isEqualTo("1");
  }

  /** The server ends the session of the connection. */
  private static void end(Connection connection) throws SQLException {
    int pid = connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    database.queryForString("select pg_terminate_backend(%s)".formatted(pid));
    Eventually.until(
        "the session has ended",
        () ->
            "0"
                .equals(
                    database.queryForString(
                        "select count(*) from pg_stat_activity where pid = " + pid)));
  }

  @Test
  void stepInATransactionIsStoredAlthoughTheWorkflowWasWrittenMeanwhile() throws Exception {
    WorkflowState<Notes> state =
        run(
            Workflow.define("book", 1, Notes.class)
                .callInTransaction(
                    "book",
                    (notes, transaction) -> {
                      executions.incrementAndGet();
                      insert(transaction.connection(), "bookings");
                      WorkflowClient.over(provider).suspend(transaction.workflowId());
                      return "booked";
                    },
                    Notes::and)
                .build());
    Eventually.until(
        "outcome", () -> provider.getLiveWorkflow(state.id()).data().toString().contains("booked"));
    assertThat(executions).hasValue(1);
    assertThat(provider.getLiveWorkflow(state.id()).status()).isEqualTo(WorkflowStatus.SUSPENDED);
    assertThat(rows("bookings")).isEqualTo("1");
  }

  @Test
  void randomDefinitionsAreExecutedAsTheySay() {
    RandomWorkflowsTest.byTwoHosts(emptyStore(), 60, Long.getLong("host.seed", System.nanoTime()));
  }

  @Test
  void controlBelongsToTheTransactionOfTheCaller() throws Exception {
    Workflow<Notes> workflow =
        Workflow.define("waiting", 1, Notes.class)
            .await("wait", CALLED, notes -> "key", Notes::and)
            .build();
    try (WorkflowHost host = WorkflowHost.builder(provider).workflow(workflow).build()) {
      host.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      Eventually.until("wait", () -> !host.state(workflow, id).waits().isEmpty());
      String before = host.state(workflow, id).step("wait").orElseThrow().id();
      try (Connection connection = database.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        WorkflowClient within = host.using(provider.within(connection));
        assertThat(within.rerun(id, "wait")).hasSize(1);
        assertThat(within.rerun(id, "wait")).hasSize(1);
        connection.rollback();
        assertThat(host.state(workflow, id).step("wait").orElseThrow().id()).isEqualTo(before);
        assertThat(within.all(List.of(id, "missing")).suspend()).hasSize(2);
        connection.commit();
      }
      assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
    }
  }
}
