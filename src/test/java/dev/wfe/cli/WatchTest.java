package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@ExtendWith(TestDatabaseExtension.class)
final class WatchTest {
  private static final String SECOND_SCREEN = "\u001b[?1049h";
  private static final String FIRST_SCREEN = "\u001b[?1049l";

  private final TestDatabase database;
  private final PostgresPersistenceProvider store;
  private final CliRun.With wfe;

  WatchTest(TestDatabase database) {
    this.database = database;
    this.store = PostgresPersistenceProvider.connect(database.url());
    this.wfe = CliRun.With.url(database.url());
  }

  @BeforeEach
  void fill() {
    database.emptyStore("wfc");
    store.createAll(
        List.of(
            WorkflowInstance.builder("order", 1).id("late").nextExecution(1_000L).build(),
            WorkflowInstance.builder("order", 1).id("now").nextExecution(0L).build(),
            WorkflowInstance.builder("refund", 1)
                .id("stopped")
                .status(WorkflowStatus.SUSPENDED)
                .build()));
    store.persistErrors(
        List.of(
            new ExecutionError(Instant.parse("2026-01-01T10:00:00Z"), "late", "p", "no\u001b[2J")));
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void eachRefreshIsALineOutsideOfATerminal() throws IOException {
    CliRun run = wfe.run("watch", "--times", "2", "--interval", "1s", "-o", "json");
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(new ObjectMapper().readTree(lines.get(0)).get("created").asText()).isEmpty();
    JsonNode line = new ObjectMapper().readTree(lines.get(1));
    assertThat(line.get("Runnable").asText()).isEqualTo("2");
    assertThat(line.get("Suspended").asText()).isEqualTo("1");
    assertThat(line.get("due").asText()).isEqualTo("2");
    assertThat(line.get("oldestDue").asText()).isEqualTo("now");
    assertThat(line.get("created").asText()).isEqualTo("0");
    assertThat(line.get("latestError").asText()).isEqualTo("2026-01-01T10:00:00Z");
  }

  @Test
  void filterAppliesToAllCounts() {
    assertThat(wfe.run("watch", "--times=1", "--definition=refund", "--status=suspended").out())
        .contains("Suspended=1  due=0  leased=0")
        .doesNotContain("Runnable", "latestError");
    assertThat(wfe.run("watch", "--times=1", "-o=csv").out()).startsWith("time,Runnable,");
  }

  @Test
  void terminalIsRestoredAndNeverGetsControlCharactersOfTheStore() {
    CliRun run = wfe.terminal(100, false).run("watch", "--times", "1");
    assertThat(run.out()).startsWith(SECOND_SCREEN).endsWith(FIRST_SCREEN);
    assertThat(run.out())
        .doesNotContain("\u001b[2J")
        .contains("oldest: now since now", "late  no\\u{1b}[2J");
    CliRun small = wfe.terminal(40, false).variable("LINES", "7").run("watch", "--times", "1");
    assertThat(small.out().split("\r\n", -1)).hasSize(7);
    assertThat(small.out()).contains("Ctrl-…").doesNotContain("oldest");
  }

  @Test
  void dumbTerminalAndRedirectedOutputGetNoControlCharacters() {
    assertThat(wfe.terminal(80, false).variable("TERM", "dumb").run("watch", "--times=1").out())
        .doesNotContain("\u001b");
    assertThat(wfe.run("watch", "--times=1").out()).doesNotContain("\u001b");
  }

  @Test
  void whatHappensBetweenTwoReadingsIsCountedOnce() {
    WatchReading first = WatchReading.read(store, new WorkflowSelection().filter(), null);
    Instant before = first.time();
    store.createNewWorkflow(
        WorkflowInstance.builder("order", 1).id("new").createTime(before.plusNanos(1_000)).build());
    WatchReading second = WatchReading.read(store, new WorkflowSelection().filter(), before);
    WatchReading third = WatchReading.read(store, new WorkflowSelection().filter(), second.time());
    assertThat(first.created()).isNull();
    assertThat(second.created()).isEqualTo(new RowCount(1, false));
    assertThat(third.created()).isEqualTo(new RowCount(0, false));
  }

  @Test
  void watchingEndsWhenNobodyReads() {
    CommandLine watch = CliRun.program(database.url(), Path.of("")).commandLine();
    watch.setOut(
        new PrintWriter(
            new Writer() {
              @Override
              public void write(char[] text, int from, int length) throws IOException {
                throw new IOException("Broken pipe");
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            }));

    assertThat(watch.execute("watch", "--interval", "1s")).isZero();
  }

  @Test
  void lostDatabaseIsReportedAndTheLastReadingStays() {
    WatchReading first = WatchReading.read(store, new WorkflowSelection().filter(), null);
    List<String> shown = new ArrayList<>();
    WatchReading kept =
        Watch.refresh(
            since -> {
              throw new StoreUnavailableException("gone", List.of(), null);
            },
            first,
            (reading, failure) -> shown.add(first.equals(reading) + " " + failure));
    assertThat(kept).isSameAs(first);
    assertThat(shown).containsExactly("true The database cannot be used, trying again: gone");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--interval=0s", "--interval=soon", "--times=0", "--status=gone"})
  void invalidOptionsAreRefused(String option) {
    assertThat(wfe.run("watch", option).exitCode()).isEqualTo(2);
  }
}
