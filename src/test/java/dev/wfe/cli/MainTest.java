package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@ExtendWith(TestDatabaseExtension.class)
class MainTest {
  private static final String UNREACHABLE = "postgres://nobody:secret@localhost:1/nowhere";
  private static final String ORDER =
      """
      {"id":"%s","customer":"Ada","item":"tea","quantity":2,"amountCents":1990,\
      "orderedAt":"2026-03-01T10:15:00Z","paidAt":"2026-03-01T10:16:00Z","payment":"%s"%s}
      """;

  private static TestDatabase twoOrdersComplete;

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void carryOutTwoOrders(@TempDir Path folder) throws IOException {
    twoOrdersComplete = TestDatabase.empty();
    String orders = twoOrders(folder);
    int code =
        CliRun.program(twoOrdersComplete.url(), folder)
            .commandLine()
            .execute("demo", "--orders", orders);
    assertThat(code).isZero();
  }

  @AfterAll
  static void dropTwoOrders() {
    twoOrdersComplete.close();
  }

  private int run(String url, String... arguments) {
    CommandLine commandLine = CliRun.program(url, directory).commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private static String orders(Path folder, String... lines) throws IOException {
    return Files.writeString(folder.resolve("orders.jsonl"), String.join("", lines)).toString();
  }

  private static String twoOrders(Path folder) throws IOException {
    return orders(
        folder,
        ORDER.formatted("a", "early", ",\"failsOnceAt\":\"ship\""),
        ORDER.formatted("b", "late", ""));
  }

  @Test
  void theSampleIsCarriedOutAndCheckedAndASecondRunFindsItDone(
      @EmptyDatabase TestDatabase database) {
    assertThat(run(database.url(), "demo")).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("Orders complete: 200 of 200")
        .contains("| instances     | Complete  |   200 |")
        .contains("| writeAll ")
        .contains("| ledger        | booked    |   600 |")
        .contains("Checked in the database: 200 orders complete");
    String entries = database.queryForString("select max(number) from wfe_demo.order_ledger");
    assertThat(run(database.url(), "demo")).as(err.toString()).isZero();
    assertThat(database.queryForString("select max(number) from wfe_demo.order_ledger"))
        .as("entries, with those of attempts that were rolled back")
        .isEqualTo(entries);
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into wfe_demo.workflows (id, name, definition_id, version, status, create_time)"
            + " values ('x', 'x', 'other', 1, 'Runnable', now()) -> workflows",
        "insert into wfe_demo.events (id, event_name, event_key, event_time)"
            + " values ('x', 'x', 'x', now()) -> events",
        "insert into wfe_demo.scheduled_commands (command_name, data, execute_time)"
            + " values ('ProcessWorkflow', 'x', 1) -> scheduled_commands",
        "insert into wfe_demo.definition_sequences values ('other', 1) -> definition_sequences",
        "insert into wfe_demo.workflow_definitions values ('other', 1, '{}') ->"
            + " workflow_definitions",
        "create table wfe_demo.customers (id text) -> customers",
      })
  void aSchemaThatHoldsSomethingElseIsRefused(String change) {
    try (TestDatabase database = twoOrdersComplete.copy()) {
      String[] sqlAndTable = change.split(" -> ", 2);
      database.execute(sqlAndTable[0]);
      assertThat(run(database.url(), "demo")).isEqualTo(CliException.DATABASE);
      assertThat(err.toString())
          .contains(
              "The schema wfe_demo contains data of other programs or versions: table "
                  + sqlAndTable[1]);
      assertThat(
              database.queryForString(
                  "select count(*) from wfe_demo.workflows where id like 'demo-order-%'"))
          .isEqualTo("2");
    }
  }

  @Test
  void anotherSchemaIsTakenWhenTheUsualOneHoldsSomethingElse(@EmptyDatabase TestDatabase database)
      throws IOException {
    database.execute("create schema wfe_demo; create table wfe_demo.customers (id text)");
    assertThat(run(database.url(), "demo", "--orders", twoOrders(directory)))
        .isEqualTo(CliException.DATABASE);

    assertThat(run(database.url(), "demo", "--schema", "other", "--orders", twoOrders(directory)))
        .as(err.toString())
        .isZero();
    assertThat(database.queryForString("select count(*) from other.workflows")).isEqualTo("2");
  }

  @Test
  void anotherDefinitionOfTheSameVersionIsRefused() throws IOException {
    try (TestDatabase database = twoOrdersComplete.copy()) {
      database.execute(
          "update wfe_demo.workflow_definitions"
              + " set graph = replace(graph::text, 'pack-goods', 'pack')::jsonb");
      assertThat(run(database.url(), "demo", "--orders", twoOrders(directory)))
          .isEqualTo(CliException.DATABASE);
      assertThat(err.toString()).contains("demo-order", "pack-goods", "--schema");
    }
  }

  @Test
  void aStoreOfAnApplicationIsRefusedAndNotUpgraded(@EmptyDatabase TestDatabase database) {
    database.execute(
        "create schema wfc; create table wfc.workflows (id text primary key, definition_id text);"
            + " insert into wfc.workflows values ('w', 'd')");

    assertThat(run(database.url(), "demo", "--schema", "wfc")).isEqualTo(CliException.DATABASE);
    assertThat(
            database.queryForString(
                "select count(*) from information_schema.columns where table_schema = 'wfc'"))
        .isEqualTo("2");
  }

  @Test
  void withoutACommandTheHelpIsShownAndNothingIsDone(@EmptyDatabase TestDatabase database)
      throws IOException {
    assertThat(run(database.url())).isEqualTo(CliException.USAGE);
    assertThat(err.toString()).contains("Usage: wfe", "demo", "schema");
    assertThat(
            database.queryForString(
                "select count(*) from information_schema.tables"
                    + " where table_schema not in ('pg_catalog', 'information_schema')"))
        .isEqualTo("0");
    assertThatNothingWasStarted();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update wfe_demo.workflows set data = jsonb_set(data, '{payments}', '[]')"
            + " -> Order a has the payments []",
        "update wfe_demo.workflows set data = jsonb_set(data, '{payments}',"
            + " (data->'payments') || (data->'payments')) -> Order a has the payments [Payment",
        "update wfe_demo.workflows set data = jsonb_set(data, '{payments,0,amountCents}', '1')"
            + " -> Order a has the payments [Payment[orderId=a, amountCents=1]]",
        "update wfe_demo.workflows set data = jsonb_set(data, '{order,quantity}', '3')"
            + " -> Order a differs from the stored order",
        "update wfe_demo.workflows set data = jsonb_set(data, '{slip}', '7')"
            + " -> Order b has the packing slip 7 of order a",
        "update wfe_demo.workflows set data = jsonb_set(data, '{boxes}', '0')"
            + " -> Order a is not packed",
        "update wfe_demo.execution_pointers set status = 'Failed' where step_name = 'pack-goods'"
            + " -> Order a has its step pack-goods Failed",
        "update wfe_demo.execution_pointers set retry_count = 0"
            + " -> Order a has not failed at its step ship",
        "delete from wfe_demo.execution_pointers where step_name = 'close'"
            + " -> Order a has the steps [reserve-stock,",
        "delete from wfe_demo.execution_errors -> The error of workflow demo-order-a was not"
            + " recorded",
        "insert into wfe_demo.order_ledger (workflow_id, step)"
            + " values ('demo-order-a', 'reserve-stock')"
            + " -> Order a has 2 entries of its step reserve-stock in the ledger, not 1",
        "delete from wfe_demo.order_ledger where step = 'close'"
            + " -> Order b has 0 entries of its step close in the ledger, not 1",
      })
  void differencesInTheDatabaseAreReported(String tampering) throws IOException {
    try (TestDatabase database = twoOrdersComplete.copy()) {
      String[] sqlAndDifference = tampering.split(" -> ", 2);
      database.execute(sqlAndDifference[0]);
      assertThat(run(database.url(), "demo", "--orders", twoOrders(directory)))
          .isEqualTo(CliException.DIFFERENT);
      assertThat(err.toString())
          .contains("The database differs from what is expected")
          .contains(sqlAndDifference[1]);
    }
  }

  @Test
  void aMissingFileIsReportedAndNothingIsStarted() throws IOException {
    assertThat(run(UNREACHABLE, "demo", "--orders", "no such file")).isEqualTo(CliException.USAGE);
    assertThat(err.toString()).isEqualToIgnoringNewLines("The file no such file does not exist");
    assertThatNothingWasStarted();
  }

  @Test
  void aMalformedLineIsReportedAndNothingIsStarted() throws IOException {
    String file = orders(directory, ORDER.formatted("a", "early", ""), "{\"id\":7}");
    assertThat(run("", "demo", "--orders", file)).isEqualTo(CliException.USAGE);
    assertThat(err.toString())
        .contains("orders.jsonl: Line 2: its field \"id\" is not a text. Nothing was started");
    assertThatNothingWasStarted();
  }

  @Test
  void anUnreachableDatabaseIsReportedWithoutItsPassword() throws IOException {
    assertThat(run(UNREACHABLE, "demo")).isEqualTo(CliException.DATABASE);
    assertThat(err.toString()).contains("localhost:1").doesNotContain("secret", "Exception");
    assertThatNothingWasStarted();
  }

  @Test
  void aMalformedUrlIsReportedWithoutItsPassword() {
    assertThat(run("mysql://nobody:secret@localhost/db", "demo")).isEqualTo(CliException.DATABASE);
    assertThat(err.toString()).contains("postgres://").doesNotContain("secret", "Exception");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--threads=0", "--threads=x", "--unknown", "--orders"})
  void argumentsThatMakeNoSenseAreSaid(String argument) {
    assertThat(run(UNREACHABLE, "demo", argument)).isEqualTo(CliException.USAGE);
    assertThat(err.toString()).contains("wfe demo --help");
  }

  @Test
  void helpAndVersionAreShown() {
    assertThat(run(UNREACHABLE, "--help")).isZero();
    assertThat(run(UNREACHABLE, "--version")).isZero();
    assertThat(run(UNREACHABLE, "demo", "--help")).isZero();
    assertThat(out.toString()).contains("WFE_DATABASE_URL", "--orders=FILE", "wfe (");
  }

  private void assertThatNothingWasStarted() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).noneMatch(file -> file.endsWith(".wfe"));
    }
  }
}
