package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.model.Event;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Explaining, purging and exporting at the terminal. */
@ExtendWith(TestDatabaseExtension.class)
final class PurgeAndExportTest {
  private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

  @TempDir private Path folder;

  private final PostgresPersistenceProvider store;
  private final CliRun.With wfe;
  private final TestDatabase database;

  PurgeAndExportTest(TestDatabase database) {
    this.database = database;
    this.store = PostgresPersistenceProvider.connect(database.url());
    this.wfe = CliRun.With.url(database.url());
  }

  @BeforeEach
  void fill() {
    database.emptyStore("wfc");
    for (String id : List.of("old", "older")) {
      create(id, "order", WorkflowStatus.COMPLETE, LONG_AGO);
    }
    create("of another", "other", WorkflowStatus.COMPLETE, LONG_AGO);
    create("terminated", "order", WorkflowStatus.TERMINATED, LONG_AGO);
    create("new", "order", WorkflowStatus.COMPLETE, Instant.now());
    create("running", "order", WorkflowStatus.RUNNABLE, LONG_AGO);
    store.persistErrors(List.of(new ExecutionError(LONG_AGO, "running", "p", "refused")));
    store.createEvent(Event.builder("paid", "1").id("event").eventTime(LONG_AGO).build());
    store.markEventProcessed("event");
  }

  private void create(String id, String definition, WorkflowStatus status, Instant ended) {
    store.create(
        WorkflowInstance.builder(definition, 1)
            .id(id)
            .status(status)
            .completeTime(status.isEnded() ? ended : null)
            .executionPointers(List.of(ExecutionPointer.builder("p of " + id, 0).build()))
            .build());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private List<String> ids() {
    return database.queryForStrings("select id from wfc.workflows order by id").stream()
        .map(String::valueOf)
        .toList();
  }

  @Test
  void purgeDeletesWhatIsOldAndNamed() {
    CliRun run = wfe.run("purge", "--complete=90d", "--definition=order", "--yes");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("workflows, Complete, of order", "Deleted: 2");
    assertThat(ids()).containsExactly("new", "of another", "running", "terminated");

    CliRun rest =
        wfe.run("purge", "--terminated=1h", "--events=1d", "--errors=1d", "--orphans=1d", "-y");
    assertThat(rest.exitCode()).as(rest.err()).isZero();
    assertThat(ids()).containsExactly("new", "of another", "running");
    assertThat(store.countEvents(EventFilter.ALL, 10).rows()).isZero();
  }

  @Test
  void purgeCountsAndDeletesNothingWithoutConsent() {
    CliRun dry = wfe.run("purge", "--complete=90d", "--dry-run", "-o=csv");
    assertThat(dry.exitCode()).isZero();
    assertThat(dry.out().lines()).containsExactly("delete,rows", "\"workflows, Complete\",3");

    CliRun refused = wfe.answer("no").run("purge", "--complete=90d");
    assertThat(refused.exitCode()).isEqualTo(CliException.NOT_CONFIRMED);
    assertThat(ids()).hasSize(6);
  }

  @Test
  void purgeExportsWhatItDeletes() throws IOException {
    Path file = folder.resolve("old.jsonl");
    CliRun run = wfe.run("purge", "--complete=90d", "--export=" + file, "--yes");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readAllLines(file))
        .extracting(line -> new ObjectMapper().readTree(line).get("id").asText())
        .containsExactlyInAnyOrder("old", "older", "of another");
    assertThat(ids()).containsExactly("new", "running", "terminated");

    CliRun again = wfe.run("purge", "--terminated=90d", "--export=" + file, "--yes");
    assertThat(again.exitCode()).isEqualTo(CliException.USAGE);
    assertThat(again.err()).contains("exists; nothing was deleted");
    assertThat(ids()).contains("terminated");
  }

  @Test
  void purgeSaysWhatIsWrongWithItsArguments() {
    for (String[] wrong :
        new String[][] {
          {"purge", "Say what to delete"},
          {"purge --complete=soon", "'soon' is not an age"},
          {"purge --definition=order --events=1d", "--definition limits"},
          {"purge --orphans=1d --export=x", "Orphans cannot be exported"},
          {"purge --complete=1d --batch=0 --yes", "batch"}
        }) {
      CliRun run = wfe.run(wrong[0].split(" "));
      assertThat(run.exitCode()).as(wrong[0]).isEqualTo(CliException.USAGE);
      assertThat(run.err()).contains(wrong[1]);
    }
    assertThat(ids()).hasSize(6);
  }

  @Test
  void exportWritesWorkflowsEventsAndErrors() throws IOException {
    CliRun workflows = wfe.run("export");
    assertThat(workflows.exitCode()).as(workflows.err()).isZero();
    assertThat(workflows.out().lines())
        .hasSize(6)
        .allSatisfy(
            line ->
                assertThat(new ObjectMapper().readTree(line).has("workflow_definition_id"))
                    .isTrue());
    assertThat(wfe.run("export", "events").out().lines()).hasSize(1);

    Path file = folder.resolve("errors.jsonl");
    assertThat(wfe.run("export", "errors", "--to=" + file).out()).contains("Exported: 1");
    assertThat(Files.readString(file)).contains("refused");
    assertThat(wfe.run("export", "--to=" + file).exitCode()).isEqualTo(CliException.USAGE);
    assertThat(store.countWorkflows(WorkflowFilter.ALL, 10).rows()).isEqualTo(6);
  }

  @Test
  void whySaysWhatHoldsAWorkflowBack() throws IOException {
    store.create(
        WorkflowInstance.builder("order", 1)
            .id("asleep")
            .nextExecution(4_102_444_800_000L)
            .executionPointers(
                List.of(
                    ExecutionPointer.builder("asleep-p", 0)
                        .stepName("cool off")
                        .status(PointerStatus.SLEEPING)
                        .sleepUntil(Instant.parse("2100-01-01T00:00:00Z"))
                        .build()))
            .build());

    assertThat(wfe.run("why", "asleep").out())
        .contains("asleep (order:1, Runnable)", "step cool off sleeps until 2100-01-01T00:00:00Z");
    assertThat(wfe.run("why", "running").out()).contains("no host has claimed it");
    assertThat(new ObjectMapper().readTree(wfe.run("why", "old", "-o=json").out()).get("reasons"))
        .singleElement()
        .satisfies(reason -> assertThat(reason.get("reason").asText()).isEqualTo("Ended"));
    assertThat(wfe.run("why", "nobody").exitCode()).isEqualTo(CliException.UNKNOWN);
  }
}
