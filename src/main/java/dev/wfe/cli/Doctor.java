package dev.wfe.cli;

import dev.wfe.persistence.StoreFinding;
import dev.wfe.persistence.StoreFinding.Severity;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Examines the server and the store. */
@Command(
    name = "doctor",
    description = {
      "Examines the server and the store: settings, versions, rights, tables, indexes, autovacuum,"
          + " old transactions, replication slots, orphans, retention. Each finding has its reason"
          + " and its remedy. Changes nothing. The exit code is 1 if something has to be done:"
          + " a finding is critical or a warning.",
      ""
    })
final class Doctor extends StoreCommand {
  private static final List<Column<StoreFinding>> COLUMNS =
      List.of(
          Column.of("severity", finding -> word(finding.severity())),
          Column.of("check", StoreFinding::check),
          Column.of("finding", StoreFinding::finding),
          Column.of("reason", StoreFinding::reason),
          Column.of("remedy", StoreFinding::remedy));

  @Option(
      names = "--transactions",
      paramLabel = "AGE",
      converter = Age.class,
      defaultValue = "5m",
      description = "report transactions that are older; ${DEFAULT-VALUE} by default")
  private Duration patience = Duration.ofMinutes(5);

  @Override
  boolean worksOnAnyVersion() {
    return true;
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    List<StoreFinding> findings = provider.diagnose(patience);
    RowPrinter printer = printer();
    if (printer.format() == OutputFormat.TABLE) {
      PrintWriter out = spec().commandLine().getOut();
      lines(findings).forEach(out::println);
      out.flush();
    } else {
      printer.print(COLUMNS, findings);
    }
    return needsAction(findings) == 0 ? 0 : CliException.DIFFERENT;
  }

  private static long needsAction(List<StoreFinding> findings) {
    return findings.stream().filter(finding -> finding.severity() != Severity.INFO).count();
  }

  private static List<String> lines(List<StoreFinding> findings) {
    List<String> lines = new ArrayList<>();
    for (StoreFinding finding : findings) {
      lines.add(
          PrintableText.of(
              "%-8s  %s: %s"
                  .formatted(word(finding.severity()), finding.check(), finding.finding())));
      lines.add("          " + PrintableText.of(finding.reason()));
      if (finding.remedy() != null) {
        lines.add("          > " + PrintableText.of(finding.remedy()));
      }
    }
    lines.add("");
    long open = needsAction(findings);
    lines.add(
        open == 0
            ? "Nothing has to be done"
            : "To be done: %s. Execute what follows > with psql, or as a command".formatted(open));
    return lines;
  }

  private static String word(Severity severity) {
    return severity.name().toLowerCase(Locale.ROOT);
  }
}
