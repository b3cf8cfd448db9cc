package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TestDatabaseExtension.class)
final class OperatorTest {
  /** Moves the cursor, rings, turns the writing direction, and looks like picocli's markup. */
  private static final String HOSTILE = "\u001b[2J\u0007\u202eevil\u009b31m\r\n@|red x|@";

  private final TestDatabase database;
  private final PostgresPersistenceProvider store;
  private final CliRun.With wfe;

  OperatorTest(TestDatabase database) {
    this.database = database;
    this.store = PostgresPersistenceProvider.connect(database.url());
    this.wfe = CliRun.With.url(database.url());
  }

  @BeforeEach
  void empty() {
    database.emptyStore("wfc");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static WorkflowInstance.Builder workflow(String id) {
    return WorkflowInstance.builder("order", 1).id(id).name(id);
  }

  private void createMany(int count) {
    store.createAll(
        IntStream.range(0, count)
            .mapToObj(i -> workflow("w" + ("" + (10_000 + i)).substring(1)).build())
            .toList());
  }

  /** One that waits in a block, after a step that failed. */
  private void createFailed(String id) {
    ExecutionPointer block =
        ExecutionPointer.builder(id + "-block", 0)
            .stepName("both")
            .status(PointerStatus.RUNNING)
            .build();
    ExecutionPointer failed =
        ExecutionPointer.builder(id + "-pay", 1)
            .stepName("pay")
            .status(PointerStatus.FAILED)
            .active(false)
            .retryCount(3)
            .scope(List.of(block.id()))
            .startTime(Instant.parse("2026-01-01T10:00:00Z"))
            .endTime(Instant.parse("2026-01-01T10:00:02Z"))
            .build();
    store.create(
        workflow(id)
            .status(WorkflowStatus.SUSPENDED)
            .nextExecution(null)
            .executionPointers(List.of(block, failed))
            .build());
    store.persistErrors(
        List.of(
            new ExecutionError(
                Instant.parse("2026-01-01T10:00:02Z"), id, failed.id(), "card refused")));
  }

  private String status(String id) {
    return store.getWorkflowInstance(id).status().word();
  }

  private static JsonNode json(CliRun run) throws IOException {
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void pagesContinueByTheirCursorUntilAllWorkflowsWereSeen() throws IOException {
    createMany(3_000);
    Set<String> seen = new HashSet<>();
    String cursor = null;
    int pages = 0;
    do {
      JsonNode page =
          json(
              cursor == null
                  ? wfe.run("list", "--sort=id", "--limit=1200", "-o", "json")
                  : wfe.run("list", "--sort=id", "--limit=1200", "-o=json", "--after", cursor));
      page.get("rows").forEach(row -> assertThat(seen.add(row.get("id").asText())).isTrue());
      cursor = page.get("next").asText(null);
      pages++;
    } while (cursor != null);
    assertThat(pages).isEqualTo(3);
    assertThat(seen).hasSize(3_000);
  }

  @Test
  void filtersAreCombined() throws IOException {
    createMany(3);
    createFailed("failed");
    store.create(workflow("other").nextExecution(null).build());

    assertThat(json(wfe.run("list", "--status=suspended", "--failed", "-o=json")).get("rows"))
        .singleElement()
        .satisfies(row -> assertThat(row.get("id").asText()).isEqualTo("failed"));
    assertThat(json(wfe.run("list", "--unscheduled", "--count", "-o=json")).get("rows").get(0))
        .hasToString("{\"rows\":2,\"estimated\":false}");
    assertThat(wfe.run("list", "--definition=order:1", "--name-prefix=w", "-o=csv").out().lines())
        .hasSize(4);
    assertThat(wfe.run("list", "--definition=order:2").out()).isEqualToIgnoringNewLines("(none)");
  }

  @Test
  void dataIsCompared() throws IOException {
    store.create(
        workflow("big").data(new ObjectMapper().readTree("{\"o\":{\"total\":100}}")).build());
    createMany(1);
    for (String[] condition :
        new String[][] {{"--where", "o.total>=100"}, {"--data-contains", "{\"o\":{}}"}}) {
      assertThat(json(wfe.run("list", condition[0], condition[1], "-o=json")).get("rows"))
          .singleElement()
          .satisfies(row -> assertThat(row.get("id").asText()).isEqualTo("big"));
    }
    assertThat(wfe.run("list", "--where", "o.total>100").out()).contains("(none)");
  }

  @Test
  void aTableFitsTheTerminalAndIsWholeElsewhere() {
    store.create(workflow("x".repeat(300)).build());

    assertThat(wfe.terminal(100, false).run("list").out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100))
        .anySatisfy(line -> assertThat(line).contains("xxx…"));
    assertThat(wfe.run("list").out()).contains("x".repeat(300));
  }

  @Test
  void idsAndStatusStayWholeAndTheLastColumnsGiveWay() {
    String id = "0190f0a2-4c1e-7b3a-9d55-0123456789ab";
    store.create(workflow(id).name("a name").reference("a reference").build());
    store.persistWorkflow(
        store.getWorkflowInstance(id).toBuilder().status(WorkflowStatus.SUSPENDED).build());

    CliRun narrow = wfe.terminal(80, false).run("list");

    assertThat(narrow.out().lines().limit(2))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(narrow.out())
        .contains(
            id,
            "Suspended",
            "Left out, because the terminal is too narrow: due, created, reference")
        .doesNotContain("a reference");
    assertThat(wfe.terminal(200, false).run("list").out())
        .contains("a reference")
        .doesNotContain("Left out");
  }

  @Test
  void onlyATerminalShowsColours() {
    createFailed("failed");
    assertThat(wfe.terminal(100, true).run("list").out()).contains("\u001b[33mSuspended");
    assertThat(wfe.terminal(100, false).run("list").out()).doesNotContain("\u001b");
    assertThat(Terminal.detect(java.util.Map.of("NO_COLOR", "1")).colours()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "csv"})
  void hostileTextReachesNoTerminal(String format) {
    store.create(
        workflow(HOSTILE)
            .reference(HOSTILE)
            .executionPointers(
                List.of(ExecutionPointer.builder("p" + HOSTILE, 0).stepName(HOSTILE).build()))
            .build());
    store.persistErrors(List.of(ExecutionError.now(HOSTILE, "p" + HOSTILE, HOSTILE)));
    store.createEventSubscription(
        EventSubscription.builder(HOSTILE, "p" + HOSTILE, HOSTILE, HOSTILE)
            .subscribeAsOf(Instant.EPOCH)
            .build());
    store.scheduleCommand(dev.wfe.model.ScheduledCommand.processWorkflow(HOSTILE, 0));
    store.registerHost(
        new HostRegistration(
            HOSTILE,
            HOSTILE,
            HOSTILE,
            Duration.ZERO,
            Duration.ofHours(1),
            List.of(new HostedDefinition(new DefinitionVersion(HOSTILE, 1)))));

    for (String[] command :
        new String[][] {
          {"list"},
          {"show", HOSTILE},
          {"errors"},
          {"errors", "--by-message"},
          {"subscriptions"},
          {"commands"},
          {"hosts"},
          {"show", "unknown" + HOSTILE},
          {"suspend", "--yes", HOSTILE},
          {"list", "--status", HOSTILE},
          {"list", "--after", HOSTILE},
          {HOSTILE}
        }) {
      String[] arguments = java.util.Arrays.copyOf(command, command.length + 2);
      arguments[command.length] = "-o";
      arguments[command.length + 1] = format;
      CliRun run = wfe.terminal(100, false).run(arguments);
      assertThat(run.out() + run.err())
          .as(String.join(" ", command))
          .isNotEmpty()
          .doesNotContain("\u001b", "\u0007", "\u202e", "\u009b", "\r");
    }
  }

  @Test
  void jsonLosesNothing() throws IOException {
    store.create(workflow("id").reference(HOSTILE).build());
    assertThat(json(wfe.run("show", "id", "-o=json")).get("reference").asText()).isEqualTo(HOSTILE);
  }

  @Test
  void aWorkflowIsShownAsATreeWithItsErrors() {
    createFailed("failed");
    CliRun shown = wfe.run("show", "failed");
    assertThat(shown.out().lines())
        .contains(
            "status       Suspended",
            "└─ both  Running  (failed-block)",
            "   └─ pay  Failed  2026-01-01T10:00:00Z +2s  failed attempts: 3  (failed-pay)",
            "           error: card refused");
  }

  @Test
  void aCircleOfPointersIsShownOnce() {
    ExecutionPointer a = ExecutionPointer.builder("a", 0).stepName("A").scope(List.of("b")).build();
    ExecutionPointer b = ExecutionPointer.builder("b", 1).stepName("B").scope(List.of("a")).build();
    store.create(workflow("circle").executionPointers(List.of(a, b)).build());
    assertThat(wfe.run("show", "circle").out().lines().filter(line -> line.contains("─ ")))
        .hasSize(2);
  }

  @Test
  void longJsonIsFoldedUnlessFull() throws IOException {
    store.create(
        workflow("id")
            .data(new ObjectMapper().readTree("{\"t\":\"%s\"}".formatted("y".repeat(500))))
            .build());
    assertThat(wfe.run("show", "id").out()).contains("… (508 characters)");
    assertThat(wfe.run("show", "id", "--full").out()).contains("y".repeat(500));
  }

  @Test
  void errorsAreCountedByMessage() {
    createFailed("one");
    createFailed("two");
    assertThat(wfe.run("errors", "--by-message").out()).contains("2  ", "order", "card refused");
    assertThat(wfe.run("errors", "one").out()).contains("one-pay").doesNotContain("two-pay");
  }

  @Test
  void statsCountByStatus() throws IOException {
    createMany(4);
    createFailed("failed");
    assertThat(json(wfe.run("stats", "-o=json")).get("rows").get(0))
        .hasToString(
            "{\"definition\":\"(all)\",\"Runnable\":4,\"Suspended\":1,\"Complete\":0,\"Terminated\":0}");
    assertThat(wfe.run("stats", "--exact=0").out()).contains("~");
  }

  @Test
  void aChangeIsPreviewedAndAsksFirst() {
    createMany(30);
    CliRun refused = wfe.answer("no").run("suspend", "--name-prefix=w");
    assertThat(refused.exitCode()).isEqualTo(CliException.NOT_CONFIRMED);
    assertThat(refused.err())
        .contains("w0029", "… and 20 more", "Suspend 30 workflows?", "nothing was changed");
    assertThat(status("w0000")).isEqualTo("Runnable");

    CliRun done = wfe.answer("yes").run("suspend", "--name-prefix=w");
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(done.out()).contains("suspend: 30 done, 0 without effect, 0 refused");
    assertThat(status("w0000")).isEqualTo("Suspended");
  }

  @Test
  void thousandsAreChangedWithProgress() {
    createMany(3_000);
    assertThat(wfe.run("terminate", "--yes", "--status=runnable").exitCode())
        .as("more than --max")
        .isEqualTo(CliException.USAGE);
    CliRun done = wfe.run("terminate", "--yes", "--status=runnable", "--max=5000", "-o=csv");
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(done.out().lines()).hasSize(3_001).contains("w0000,done,");
    assertThat(done.err()).contains("Workflows done: 3000 of 3000", "3000 done");
  }

  @Test
  void productionAsksForItsNameWhateverElseIsSaid() {
    createMany(1);
    CliRun.With production = wfe.variable("WFE_PRODUCTION", "shop");
    assertThat(production.run("suspend", "--yes", "w0000").exitCode())
        .isEqualTo(CliException.NOT_CONFIRMED);
    assertThat(production.answer("yes").run("suspend", "w0000").exitCode())
        .isEqualTo(CliException.NOT_CONFIRMED);
    assertThat(status("w0000")).isEqualTo("Runnable");
    assertThat(production.answer("shop").run("suspend", "w0000").exitCode()).isZero();
    assertThat(wfe.answer("y").run("resume", "w0000", "--production=shop").exitCode())
        .isEqualTo(CliException.NOT_CONFIRMED);
    assertThat(status("w0000")).isEqualTo("Suspended");
  }

  @Test
  void ofUnknownIdsNothingIsChanged() {
    createMany(2);
    CliRun run = wfe.run("suspend", "--yes", "w0000", "nobody", "w0001");
    assertThat(run.exitCode()).isEqualTo(CliException.UNKNOWN);
    assertThat(run.err().lines())
        .containsExactly(
            "No workflow has the id 'nobody'; nothing was changed. To select by name, use --name");
    assertThat(status("w0000")).isEqualTo("Runnable");
    assertThat(wfe.run("show", "nobody").exitCode()).isEqualTo(CliException.UNKNOWN);
    assertThat(wfe.run("release-token", "--yes", "nobody").exitCode())
        .isEqualTo(CliException.UNKNOWN);
  }

  @Test
  void anUnreadableWorkflowIsSaidAndNothingIsChanged() {
    createMany(2);
    database.execute("update wfc.workflows set status = 'Bogus' where id = 'w0001'");
    for (String[] command :
        new String[][] {{"show", "w0001"}, {"suspend", "--yes", "w0000", "w0001"}}) {
      CliRun run = wfe.run(command);
      assertThat(run.exitCode()).isEqualTo(CliException.DIFFERENT);
      assertThat(run.err().lines()).singleElement().asString().contains("w0001", "Bogus");
    }
    assertThat(status("w0000")).isEqualTo("Runnable");
    assertThat(wfe.run("list").out()).contains("w0000").doesNotContain("w0001");
  }

  @Test
  void refusalsAreSaidAndTheOthersDone() {
    createMany(2);
    CliRun run = wfe.run("rerun", "--yes", "--step=missing", "w0000", "w0001");
    assertThat(run.exitCode()).isEqualTo(CliException.DIFFERENT);
    assertThat(run.out()).contains("refused", "missing", "0 done, 0 without effect, 2 refused");
  }

  @Test
  void aDryRunChangesNothing() {
    createMany(2);
    assertThat(wfe.run("terminate", "--dry-run", "--name-prefix=w").out()).contains("w0001");
    assertThat(status("w0001")).isEqualTo("Runnable");
  }

  @Test
  void aTokenIsTakenAwayFromItsHolder() {
    createMany(1);
    String id =
        store.createEventSubscription(
            EventSubscription.builder("w0000", "p", "ship", "1")
                .subscribeAsOf(Instant.EPOCH)
                .build());
    store.setSubscriptionToken(id, "secret", "worker-7", Duration.ofHours(1));

    assertThat(wfe.run("subscriptions", "--held").out()).contains("worker-7", id);
    CliRun run = wfe.run("release-token", "--yes", id);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out() + run.err()).doesNotContain("secret");
    assertThat(store.getSubscription(id).externalToken()).isNull();
    assertThat(wfe.run("subscriptions", "--open").out()).contains(id);
  }

  @Test
  void anEventIsPublishedOnce() throws IOException {
    String[] publish = {"publish", "paid", "7", "--data={\"eur\":1}", "--id=e", "--yes", "-o=json"};
    assertThat(json(wfe.run(publish)).at("/rows/0/published").asBoolean()).isTrue();
    assertThat(json(wfe.run(publish)).at("/rows/0/published").asBoolean()).isFalse();
    assertThat(store.getEvent("e").eventData()).hasToString("{\"eur\":1}");
    assertThat(wfe.run("events", "paid:7", "--unprocessed").out()).contains("e ", "false");
    assertThat(wfe.run("events", "paid:8").out()).contains("(none)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list --after=bogus",
        "list --limit=0",
        "hosts --limit=1001",
        "list --status=running",
        "list --created-after=yesterday",
        "list --where=total",
        "list --data-contains={",
        "list --leased --unleased",
        "list --sort=colour",
        "list --unknown",
        "events --processed --unprocessed",
        "suspend",
        "suspend id --failed",
        "suspend id --max=0",
        "publish paid",
        "show",
      })
  void badArgumentsAreSaidInOneLine(String line) {
    CliRun run = wfe.run(line.split(" "));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(CliException.USAGE);
    assertThat(
            run.err()
                .lines()
                .filter(text -> !text.startsWith("All options: ") && !text.startsWith("Possible ")))
        .as(run.err())
        .hasSize(1)
        .noneMatch(text -> text.contains("Exception"));
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aDatabaseThatIsDownIsOneLine() {
    CliRun run = CliRun.With.url("postgres://nobody:secret@localhost:1/nowhere").run("list");
    assertThat(run.exitCode()).isEqualTo(CliException.DATABASE);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains("localhost:1").doesNotContain("secret", "Exception");
  }
}
