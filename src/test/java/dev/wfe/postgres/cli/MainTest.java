package dev.wfe.postgres.cli;

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

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String url, String... arguments) {
    CommandLine commandLine = new Main(url, directory).commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private String orders(String... lines) throws IOException {
    return Files.writeString(directory.resolve("orders.jsonl"), String.join("", lines)).toString();
  }

  private String twoOrders() throws IOException {
    return orders(
        ORDER.formatted("a", "early", ",\"failsOnceAt\":\"ship\""),
        ORDER.formatted("b", "late", ""));
  }

  @Test
  void theSampleIsCarriedOutAndCheckedAndASecondRunFindsItDone(
      @EmptyDatabase TestDatabase database) {
    assertThat(run(database.url())).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("Orders complete: 200 of 200")
        .contains("| instances     | Complete  |   200 |")
        .contains("| persistWorkflow ")
        .contains("Checked in the database: 200 orders complete");
    assertThat(run(database.url())).as(err.toString()).isZero();
    assertThat(database.queryForString("select max(next_num) from wfc.definition_sequences"))
        .isEqualTo("200");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theRunRestrictsItselfToTheOrdersOfTheFile(@EmptyDatabase TestDatabase database)
      throws IOException {
    assertThat(run(database.url(), "--orders", twoOrders())).as(err.toString()).isZero();
    database.execute(
        "insert into wfc.workflows (id, name, definition_id, version, status, next_execution,"
            + " create_time) values ('x', 'x', 'other', 1, 'Runnable', 0, now())");
    database.execute(
        "insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,"
            + " event_name, event_key, subscribe_as_of) values ('x', 'x', 0, 'x', 'x', 'x', now())");

    assertThat(run(database.url(), "--orders", twoOrders())).as(err.toString()).isZero();
    assertThat(database.queryForString("select next_execution from wfc.workflows where id = 'x'"))
        .isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update wfc.workflows set data = jsonb_set(data, '{received}', '[]')"
            + " -> Order a received the events",
        "update wfc.workflows set data = jsonb_set(data, '{received}', data->'received'"
            + " || '[\"sample-order-a/paid\"]') -> Order a received the events",
        "update wfc.workflows set data = jsonb_set(data, '{order,quantity}', '3')"
            + " -> Order a is another one in the store",
        "update wfc.workflows set reference = 'same' -> Order b has the reference same of order a",
        "update wfc.execution_pointers set status = 'Failed' where step_id = 3"
            + " -> Order a has its step pack-goods Failed",
        "update wfc.execution_pointers set event_data = '{\"orderId\":\"a\",\"amountCents\":1}'"
            + " where step_id = 1 -> Order a was paid as",
        "delete from wfc.execution_pointers where step_id = 7"
            + " -> Order a has not come to its step close",
        "delete from wfc.execution_errors -> No error of workflow sample-order-a is recorded",
      })
  void whatDiffersInTheDatabaseIsSaid(String tampering, @EmptyDatabase TestDatabase database)
      throws IOException {
    assertThat(run(database.url(), "--orders", twoOrders())).as(err.toString()).isZero();
    String[] sqlAndDifference = tampering.split(" -> ", 2);
    database.execute(sqlAndDifference[0]);

    assertThat(run(database.url(), "--orders", twoOrders())).isEqualTo(CliException.DIFFERENT);
    assertThat(err.toString())
        .contains("The database is not as it should be")
        .contains(sqlAndDifference[1]);
  }

  @Test
  void aMissingFileIsSaidAndNothingIsStarted() throws IOException {
    assertThat(run(UNREACHABLE, "--orders", "no such file")).isEqualTo(CliException.USAGE);
    assertThat(err.toString()).isEqualToIgnoringNewLines("There is no file no such file");
    assertThatNothingWasStarted();
  }

  @Test
  void aMalformedLineIsSaidAndNothingIsStarted() throws IOException {
    String file = orders(ORDER.formatted("a", "early", ""), "{\"id\":7}");
    assertThat(run("", "--orders", file)).isEqualTo(CliException.USAGE);
    assertThat(err.toString())
        .contains("orders.jsonl: Line 2: its field \"id\" is not a text. Nothing was started");
    assertThatNothingWasStarted();
  }

  @Test
  void aDatabaseThatCannotBeReachedIsSaidWithoutItsPassword() throws IOException {
    assertThat(run(UNREACHABLE)).isEqualTo(CliException.DATABASE);
    assertThat(err.toString()).contains("localhost:1").doesNotContain("secret", "Exception");
    assertThatNothingWasStarted();
  }

  @Test
  void aUrlThatIsNoneIsSaidWithoutItsPassword() {
    assertThat(run("mysql://nobody:secret@localhost/db")).isEqualTo(CliException.DATABASE);
    assertThat(err.toString()).contains("postgres://").doesNotContain("secret", "Exception");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--threads=0", "--threads=x", "--unknown", "--orders"})
  void argumentsThatMakeNoSenseAreSaid(String argument) {
    assertThat(run(UNREACHABLE, argument)).isEqualTo(CliException.USAGE);
    assertThat(err.toString()).contains("Usage: wfe-postgres");
  }

  @Test
  void helpAndVersionAreShown() {
    assertThat(run(UNREACHABLE, "--help")).isZero();
    assertThat(run(UNREACHABLE, "--version")).isZero();
    assertThat(out.toString()).contains("WFE_DATABASE_URL", "--orders=FILE", "wfe-postgres (");
  }

  private void assertThatNothingWasStarted() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).noneMatch(file -> file.endsWith(".wfe"));
    }
  }
}
