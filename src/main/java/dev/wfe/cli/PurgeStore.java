package dev.wfe.cli;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.RetentionRepository;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.retention.ExportSink;
import dev.wfe.retention.Purge;
import dev.wfe.retention.PurgeProgress;
import dev.wfe.retention.Retention;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Deletes what is old. */
@Command(
    name = "purge",
    description = {
      "Deletes what is older than the given ages, in batches, while hosts go on. What is not named is"
          + " kept. Shows first how many rows that are, and asks. Interrupt it at any time, and start"
          + " it again to go on.",
      ""
    })
final class PurgeStore extends StoreCommand {
  /** Counted before the question; a dry run counts all. */
  private static final int COUNTED = 100_000;

  private static final int MAX_PAUSE_MILLIS = 3_600_000;
  private static final long SHOWN_NANOS = TimeUnit.SECONDS.toNanos(2);

  @Option(
      names = "--complete",
      paramLabel = "AGE",
      converter = Age.class,
      description = "workflows that have been complete for longer, such as 90d; also 12h, 30m")
  private @Nullable Duration complete;

  @Option(
      names = "--terminated",
      paramLabel = "AGE",
      converter = Age.class,
      description = "workflows that were terminated longer ago")
  private @Nullable Duration terminated;

  @Option(
      names = "--definition",
      paramLabel = "ID",
      description = "only workflows of this definition")
  private @Nullable String definition;

  @Option(
      names = "--events",
      paramLabel = "AGE",
      converter = Age.class,
      description = "processed events that are older")
  private @Nullable Duration events;

  @Option(
      names = "--errors",
      paramLabel = "AGE",
      converter = Age.class,
      description = "errors that are older, also of workflows that have not ended")
  private @Nullable Duration errors;

  @Option(
      names = "--orphans",
      paramLabel = "AGE",
      converter = Age.class,
      description = "commands, subscriptions and leases whose workflow or event does not exist")
  private @Nullable Duration orphans;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = "first write what is deleted to this new file, as JSON lines; not orphans")
  private @Nullable Path file;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "500",
      description = "rows in a transaction; ${DEFAULT-VALUE} by default")
  private int batch;

  @Option(
      names = "--pause",
      paramLabel = "MS",
      defaultValue = "50",
      description = "milliseconds between two batches; ${DEFAULT-VALUE} by default")
  private int pause;

  @Option(names = "--dry-run", description = "only count what would be deleted")
  private boolean dryRun;

  @Mixin private final Confirmation confirmation = new Confirmation();

  @Override
  void checkArguments() {
    if (retention().isEmpty()) {
      throw new CliException(
          CliException.USAGE,
          "Say what to delete: --complete, --terminated, --events, --errors or --orphans with an age");
    }
    if (definition != null && complete == null && terminated == null) {
      throw new CliException(
          CliException.USAGE, "--definition limits --complete and --terminated: give one of them");
    }
    if (file != null && orphans != null) {
      throw new CliException(
          CliException.USAGE, "Orphans cannot be exported: leave out --orphans or --export");
    }
    requireBetween("--batch", batch, 1, RetentionRepository.MAX_LIMIT);
    requireBetween("--pause", pause, 0, MAX_PAUSE_MILLIS);
  }

  private static void requireBetween(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new CliException(
          CliException.USAGE,
          "%s is %s, not between %s and %s".formatted(option, value, least, most));
    }
  }

  private Retention retention() {
    Retention.Builder retention = Retention.builder();
    addEnded(retention, WorkflowStatus.COMPLETE, complete);
    addEnded(retention, WorkflowStatus.TERMINATED, terminated);
    if (events != null) {
      retention.events(events);
    }
    if (errors != null) {
      retention.errors(errors);
    }
    if (orphans != null) {
      retention.orphans(orphans);
    }
    return retention.build();
  }

  private void addEnded(
      Retention.Builder retention, WorkflowStatus status, @Nullable Duration age) {
    if (age != null) {
      retention.target(new EndedWorkflows(status, age, definition));
    }
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    List<Purge.Count> counts =
        Purge.of(provider, retention()).build().dryRun(dryRun ? Integer.MAX_VALUE : COUNTED);
    printer()
        .print(
            List.of(
                Column.of("delete", count -> words(count.target())),
                Column.of(
                    "rows", count -> count.isExact() ? count.count() : count.count() + " or more")),
            counts);
    if (dryRun || counts.stream().allMatch(count -> count.count() == 0)) {
      return 0;
    }
    confirmation.require(this, "Delete these rows and what belongs to them?");
    try {
      printer().note("Deleted: " + purge(provider));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(CliException.DIFFERENT, "Interrupted. Start it again to go on", e);
    } catch (FileAlreadyExistsException e) {
      throw new CliException(
          CliException.USAGE, "%s exists; nothing was deleted".formatted(file), e);
    } catch (IOException e) {
      throw new CliException(
          CliException.DIFFERENT,
          "%s cannot be written (%s). What it does not hold was not deleted"
              .formatted(file, e.getMessage()),
          e);
    }
    return 0;
  }

  private long purge(PostgresPersistenceProvider provider)
      throws IOException, InterruptedException {
    Purge.Builder purge =
        Purge.of(provider, retention())
            .batchSize(batch)
            .pause(Duration.ofMillis(pause))
            .onProgress(new Progress(spec().commandLine().getErr())::show);
    if (file == null) {
      return purge.build().run();
    }
    try (Writer lines =
        Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW)) {
      return purge.exportTo(ExportSink.to(lines)).build().run();
    }
  }

  private static String words(PurgeTarget target) {
    String what = target.kind().name().toLowerCase(Locale.ROOT) + "s";
    return target instanceof EndedWorkflows ended
        ? "%s, %s%s"
            .formatted(
                what,
                ended.status().word(),
                ended.definitionId() == null ? "" : ", of " + ended.definitionId())
        : what;
  }

  /** Prints the total from time to time. Not thread-safe. */
  private static final class Progress {
    private final PrintWriter out;
    private long shownAt = System.nanoTime();

    Progress(PrintWriter out) {
      this.out = out;
    }

    void show(PurgeProgress progress) {
      if (System.nanoTime() - shownAt >= SHOWN_NANOS) {
        shownAt = System.nanoTime();
        out.println("Deleted so far: " + progress.total());
        out.flush();
      }
    }
  }
}
