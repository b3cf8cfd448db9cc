package dev.wfe.cli;

import dev.wfe.postgres.PostgresPersistenceProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a page of the whole store. */
@Command(
    name = "report",
    description = {
      "Writes a page of the store for a browser: rates, backlog, the oldest due workflows, failures,"
          + " durations, waits and tokens. Every read is bounded: counts are exact up to --exact and"
          + " then estimated, and durations and waits are those of a sample.",
      ""
    })
final class ReportStore extends StoreCommand {
  private static final Duration LONGEST = Duration.ofDays(92);

  @Option(names = "--html", paramLabel = "FILE", required = true, description = "a new file")
  private Path html = Path.of("report.html");

  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "24h",
      description =
          "count rates and errors from then on, at most 92 days; by the hour up to 48 hours, then by"
              + " the day; ${DEFAULT-VALUE} by default")
  private Instant since = Instant.EPOCH;

  @Option(
      names = "--exact",
      paramLabel = "N",
      defaultValue = "10000",
      description = "count exactly up to this number, at most 1000000; ${DEFAULT-VALUE} by default")
  private int exactUpTo;

  @Override
  void checkArguments() {
    Instant now = Instant.now();
    if (!since.isBefore(now) || since.isBefore(now.minus(LONGEST))) {
      throw new CliException(CliException.USAGE, "--since is not within the last 92 days");
    }
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    StoreFigures figures = new StoreFigures(provider, Instant.now(), since, exactUpTo);
    StorePage page =
        new StorePage(provider.options().schema(), figures, Stats.lines(provider, exactUpTo));
    HtmlPage.write(html, page.title(), page.header(), page.sections());
    printer().note("Written: " + html);
    return 0;
  }
}
