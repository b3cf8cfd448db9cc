package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.ActivityType;
import dev.wfe.host.ActivityWorker;
import dev.wfe.host.EventType;
import dev.wfe.host.RetryPolicy;
import dev.wfe.host.StartOptions;
import dev.wfe.host.TimeLimit;
import dev.wfe.host.Timeout;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.host.WorkflowState;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.testing.WorkflowTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What {@code docs/getting-started.md} shows is what was tested. */
final class GettingStartedDocsTest {
  private static final Path PAGE = Path.of("docs/getting-started.md");
  private static final Path THIS =
      Path.of("src/test/java/dev/wfe/docs/GettingStartedDocsTest.java");
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private final Mail mail = new Mail();
  private final Bank bank = new Bank();

  static final class Mail {
    final List<String> sent = new ArrayList<>();

    synchronized void askManager(Expense expense) {
      sent.add("ask " + expense.id());
    }

    synchronized void tellEmployee(Expense expense) {
      sent.add("tell " + expense.id());
    }
  }

  static final class Bank {
    private final List<String> keys = new ArrayList<>();

    synchronized String pay(long cents, String idempotencyKey) {
      if (!keys.contains(idempotencyKey)) {
        keys.add(idempotencyKey);
      }
      return "r-" + keys.size();
    }

    synchronized List<String> payments() {
      return List.copyOf(keys);
    }
  }

  record Decision(boolean approved, String by) {}

  record Expense(String id, long cents, @Nullable Decision decision, @Nullable String receipt) {
    Expense decided(Decision made) {
      return new Expense(id, cents, made, receipt);
    }

    Expense expired() {
      return decided(new Decision(false, "nobody"));
    }

    Expense paid(String given) {
      return new Expense(id, cents, decision, given);
    }

    boolean mayBePaid() {
      return decision != null && decision.approved();
    }
  }

  static final EventType<Decision> DECIDED = EventType.of("expense decided", Decision.class);

  static Workflow<Expense> definition(Mail mail, Bank bank) {
    return Workflow.define("expense approval", 1, Expense.class)
        .run("ask manager", mail::askManager)
        .await(
            "decision",
            DECIDED,
            Expense::id,
            Expense::decided,
            Timeout.after(Duration.ofDays(2)).update("expire", Expense::expired))
        .when(
            "approved?",
            Expense::mayBePaid,
            yes ->
                yes.call(
                    "pay",
                    (expense, step) -> bank.pay(expense.cents(), step.idempotencyKey()),
                    Expense::paid,
                    RetryPolicy.exponential(Duration.ofSeconds(1)).maxAttempts(5),
                    TimeLimit.of(Duration.ofMinutes(1))))
        .run("tell employee", mail::tellEmployee)
        .build();
  }

  @SuppressWarnings("SystemOut") // as the page shows it
  private void run(String url) throws Exception {
    try (var provider = PostgresPersistenceProvider.connect(url)) {
      provider.ensureStoreExists();
      Workflow<Expense> approval = definition(mail, bank);
      try (var host = WorkflowHost.builder(provider).workflow(approval).build()) {
        host.start();

        Expense expense = new Expense("e-1", 4_200, null, null);
        host.startWorkflow(approval, expense, StartOptions.id("e-1"));
        host.publish(DECIDED, "e-1", new Decision(true, "ann"));

        WorkflowState<Expense> state = host.awaitEnd(approval, "e-1", Duration.ofSeconds(30));
        System.out.println(state.status() + ", receipt " + state.data().receipt());
      }
    }
  }

  static final class HostProgram {
    public static void main(String[] arguments) throws InterruptedException {
      try (var provider = PostgresPersistenceProvider.connect(arguments[0])) {
        provider.ensureStoreExists();
        Workflow<Expense> approval = definition(new Mail(), new Bank());
        WorkflowHost.builder(provider).workflow(approval).build().run();
      }
    }
  }

  static final class WorkerProgram {
    static final ActivityType<Expense, String> PAY =
        ActivityType.of("pay expense", Expense.class, String.class);

    public static void main(String[] arguments) throws InterruptedException {
      Bank bank = new Bank();
      try (var provider = PostgresPersistenceProvider.connect(arguments[0])) {
        ActivityWorker.builder(provider)
            .activity(PAY, task -> bank.pay(task.input().cents(), task.idempotencyKey()))
            .build()
            .run();
      }
    }
  }

  private static void control(WorkflowHost host, Workflow<Expense> approval) {
    WorkflowState<Expense> state = host.state(approval, "e-1");
    state.status(); // RUNNABLE, SUSPENDED, COMPLETE or TERMINATED
    state.data(); // the Expense, as of the last stored step
    state.steps(); // of each step: name, status, failures, start, end, error
    state.waits(); // "expense decided" with the key "e-1", since when, until when
    state.nextAttempt(); // when a failed step is attempted again

    host.suspend("e-1"); // no further step begins
    host.resume("e-1"); // and now they do
    host.retry("e-1"); // the steps that failed for the last time get all their attempts again
    host.terminate("e-1"); // ends it
  }

  private static void startWithOwnData(
      DataSource dataSource,
      PostgresPersistenceProvider provider,
      WorkflowHost host,
      Workflow<Expense> approval,
      Expense expense)
      throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      insert(connection, expense);
      host.using(provider.within(connection))
          .startWorkflow(approval, expense, StartOptions.id(expense.id()));
      connection.commit();
    }
  }

  private static void insert(Connection connection, Expense expense) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into expenses (id) values (?)")) {
      insert.setString(1, expense.id());
      insert.executeUpdate();
    }
  }

  @Test
  void anExpenseThatNobodyDecidesIsNotPaid() {
    Workflow<Expense> approval = definition(mail, bank);
    try (WorkflowTest test = WorkflowTest.of(approval)) {
      String id = test.start(approval, new Expense("e-1", 4_200, null, null));

      test.advance(Duration.ofDays(2));

      assertThat(test.state(approval, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.timedOutSteps(approval, id)).containsExactly("decision");
      assertThat(bank.payments()).isEmpty();
    }
  }

  @Test
  void aBankThatIsClosedIsAskedAgain() {
    Workflow<Expense> approval = definition(mail, bank);
    try (WorkflowTest test = WorkflowTest.of(approval)) {
      String id = test.start(approval, new Expense("e-1", 4_200, null, null));
      test.failNext("pay", new IOException("The bank is closed"));
      test.publish(DECIDED, "e-1", new Decision(true, "ann"));

      test.advance(Duration.ofSeconds(2));

      assertThat(test.state(approval, id).data().receipt()).isEqualTo("r-1");
    }
  }

  @Test
  void theExampleRunsOnPostgresql() throws Exception {
    try (TestDatabase database = TestDatabase.empty()) {
      run(database.url());
      try (var provider = PostgresPersistenceProvider.connect(database.url())) {
        Workflow<Expense> approval = definition(mail, bank);
        try (WorkflowHost host = WorkflowHost.builder(provider).workflow(approval).build()) {
          assertThat(host.state(approval, "e-1").data().receipt()).isEqualTo("r-1");
          control(host, approval);
          database.execute("create table expenses (id text primary key)");
          Workflow<Expense> booking =
              Workflow.define("booking", 1, Expense.class)
                  .runInTransaction(
                      "book", (expense, transaction) -> insert(transaction.connection(), expense))
                  .build();
          try (WorkflowHost books = WorkflowHost.builder(provider).workflow(booking).build()) {
            books.start();
            startWithOwnData(
                database.dataSource(), provider, host, approval, new Expense("e-2", 1, null, null));
            books.startWorkflow(booking, new Expense("e-3", 1, null, null), StartOptions.id("b-3"));
            books.awaitEnd(booking, "b-3", Duration.ofSeconds(30));
          }
          assertThat(database.queryForStrings("select id from expenses order by id"))
              .containsExactly("e-2", "e-3");
          assertThat(host.state(approval, "e-2").status()).isEqualTo(WorkflowStatus.RUNNABLE);
        }
      }
    }
  }

  /** A main method. */
  @FunctionalInterface
  private interface Program {
    void run(String[] arguments) throws InterruptedException;
  }

  private static Thread running(Program program, String url) {
    Thread main =
        new Thread(
            () -> {
              try {
                program.run(new String[] {url});
              } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
              }
            });
    main.start();
    return main;
  }

  @Test
  void programsOfAHostAndAWorkerDoTheirWork() throws Exception {
    Expense expense = new Expense("e-1", 4_200, null, null);
    Workflow<Expense> paid =
        Workflow.define("paid elsewhere", 1, Expense.class)
            .activity("pay", WorkerProgram.PAY, data -> data, Expense::paid)
            .build();
    try (TestDatabase database = TestDatabase.migrated();
        var provider = PostgresPersistenceProvider.connect(database.url());
        var host = WorkflowHost.builder(provider).workflow(paid).build()) {
      Thread hostMain = running(HostProgram::main, database.url());
      Thread workerMain = running(WorkerProgram::main, database.url());
      host.start();
      Workflow<Expense> approval = definition(mail, bank);
      host.startWorkflow(approval, expense, StartOptions.id("e-1"));
      host.publish(DECIDED, "e-1", new Decision(true, "ann"));
      host.startWorkflow(paid, expense, StartOptions.id("e-2"));

      for (WorkflowState<Expense> state :
          List.of(
              host.awaitEnd(approval, "e-1", Duration.ofSeconds(30)),
              host.awaitEnd(paid, "e-2", Duration.ofSeconds(30)))) {
        assertThat(state.data().receipt()).isEqualTo("r-1");
      }
      hostMain.interrupt();
      workerMain.interrupt();
      hostMain.join();
      workerMain.join();
    }
  }

  @Test
  void itsSnippetsAreTests() throws IOException {
    String tested = words(Files.readString(THIS));

    List<String> snippets =
        SNIPPET
            .matcher(Files.readString(PAGE))
            .results()
            .map(snippet -> words(snippet.group(1)))
            .toList();

    assertThat(snippets).hasSize(9).allSatisfy(snippet -> assertThat(tested).contains(snippet));
  }

  private static String words(String code) {
    return code.lines()
        .map(String::strip)
        .collect(Collectors.joining(" "))
        .replaceAll("\\s+", "")
        .strip();
  }
}
