package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the pages contain. How a browser shows them is tested by {@link PagesInBrowserTest}. */
@ExtendWith(TestDatabaseExtension.class)
final class PagesTest {
  private final TestDatabase database;
  private final PostgresPersistenceProvider store;
  private final CliRun.With wfe;
  @TempDir private Path folder = Path.of("");

  PagesTest(TestDatabase database) {
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

  private String page(String... command) throws IOException {
    Path file = folder.resolve("page.html");
    CliRun run =
        wfe.run(
            command.length == 1
                ? new String[] {command[0], "--html", file.toString()}
                : new String[] {command[0], command[1], "--html", file.toString()});
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("Written: ");
    return Files.readString(file);
  }

  @Test
  void aWorkflowIsShownWithStepsErrorsAndEvents() throws IOException {
    assertThat(page("show", PageSamples.createOrder(store)))
        .contains(
            "<svg", "charge card", "failed attempts: 3", "✕ Failed", "↶ Compensated", "◷ Sleeping")
        .contains(
            "sleep until 2026-12-07 09:03:24", "event paid:order-4711", "result of an activity")
        .contains(
            "insufficient funds", "&quot;decision&quot; : &quot;accepted&quot;", "customer 1001")
        .contains(">Errors (3)<", ">Events (1)<", ">Steps (9)<");
  }

  @Test
  void noValueBecomesMarkup() throws IOException {
    assertThat(page("show", PageSamples.createHostile(store)))
        .doesNotContain("<script", "<img", "\u202e", "\u2066", "\u001b", "\u0007", "secret-token")
        .doesNotContain(" style=\"", "href=\"j")
        .contains("&lt;script&gt;", "\\u{202e}", "\\u{1b}[2J")
        .satisfies(page -> assertThat(page.length()).isLessThan(200_000));
    Files.delete(folder.resolve("page.html"));
    assertThat(page("report"))
        .doesNotContain("<script", "<img", "\u202e", "\u001b", "secret-token")
        .contains("&lt;script&gt;");
  }

  @Test
  void manyStepsMakeAPageOfBoundedSize() throws IOException {
    String page = page("show", PageSamples.createLarge(store, 5_000));
    assertThat(page.length()).isLessThan(4_000_000);
    assertThat(page).contains("item 4999", "1 to 50 of 2501", "Not drawn: ");
    assertThat(page.split("<rect", -1)).hasSizeLessThan(3_000);
  }

  @Test
  void aStoreIsReportedInNumbers() throws IOException {
    PageSamples.createMany(store);
    assertThat(page("report"))
        .contains("600 in all", "bank: the card was refused", "stock service: read timed out")
        .contains("Held tokens", "worker-0", "invoice", "p99", "Longest waits");
  }

  @Test
  void anEmptyStoreIsReported() throws IOException {
    assertThat(page("report")).contains("0 in all", "None.");
  }

  @Test
  void anExistingFileIsNotReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.html"), "mine");
    CliRun run = wfe.run("report", "--html", file.toString());
    assertThat(run.exitCode()).isEqualTo(CliException.USAGE);
    assertThat(run.err().lines()).singleElement().asString().contains("exists");
    assertThat(file).hasContent("mine");
    assertThat(wfe.run("report", "--html", "x.html", "--since", "200d").exitCode())
        .isEqualTo(CliException.USAGE);
    assertThat(wfe.run("show", "nobody", "--html", folder.resolve("x.html").toString()).exitCode())
        .isEqualTo(CliException.UNKNOWN);
    assertThat(folder.resolve("x.html")).doesNotExist();
  }

  @Test
  void longSpansWithoutChangesAreShortened() {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    TimeScale scale =
        new TimeScale(
            List.of(
                start,
                start.plusSeconds(1),
                start.plus(Duration.ofDays(30)),
                start.plus(Duration.ofDays(30)).plusSeconds(1)));
    assertThat(scale.at(start)).isZero();
    assertThat(scale.at(start.plusSeconds(1))).isEqualTo(45);
    assertThat(scale.at(start.plus(Duration.ofDays(30)))).isEqualTo(55);
    assertThat(scale.at(start.plus(Duration.ofDays(30)).plusSeconds(1))).isEqualTo(100);
    assertThat(scale.gaps()).hasSize(1);
  }
}
