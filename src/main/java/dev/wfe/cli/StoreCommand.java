package dev.wfe.cli;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.MigrationStep;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.PersistenceException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command on a store. Each failure becomes one line and an exit code. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:something differs or was refused; the others are done",
      "2:the arguments are invalid; nothing was changed",
      "3:the database cannot be used, or the store has another version",
      "4:there is no such workflow, subscription or step; nothing was changed",
      "5:not confirmed; nothing was changed"
    })
abstract class StoreCommand implements Callable<Integer> {
  @Mixin private final StoreOptions store = new StoreOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      order = 110,
      description = "table, json or csv; ${DEFAULT-VALUE} by default")
  private OutputFormat format = OutputFormat.TABLE;

  @Spec private @Nullable CommandSpec spec;

  /**
   * Does the work.
   *
   * @return the exit code
   */
  abstract int run(PostgresPersistenceProvider provider);

  /** Whether the command works on stores of any version, or where there is none. */
  boolean worksOnAnyVersion() {
    return false;
  }

  /** Checks the arguments before the database is opened. */
  void checkArguments() {}

  @Override
  public final Integer call() {
    checkArguments();
    try (PostgresPersistenceProvider provider = store.open(main().environment())) {
      if (!worksOnAnyVersion()) {
        requireThisVersion(provider);
      }
      return run(provider);
    } catch (NotFoundException e) {
      throw new CliException(CliException.UNKNOWN, e.getMessage(), e);
    } catch (InvalidValueException e) {
      throw new CliException(CliException.USAGE, explained(e), e);
    } catch (StoreSetupException e) {
      throw new CliException(
          e.problems().isEmpty() ? CliException.DATABASE : CliException.DIFFERENT,
          e.getMessage(),
          e);
    } catch (StoreUnavailableException | UnknownOutcomeException | PersistenceException e) {
      throw new CliException(CliException.DATABASE, e.getMessage(), e);
    } catch (StoreException e) {
      throw new CliException(CliException.DIFFERENT, e.getMessage(), e);
    }
  }

  private static String explained(InvalidValueException failure) {
    return failure.field().equals("page.after")
        ? "--after %s. A time such as 7d changes with the clock: give the filter as 2026-01-31T10:00:00Z"
            .formatted(failure.problem())
        : String.valueOf(failure.getMessage());
  }

  private static void requireThisVersion(PostgresPersistenceProvider provider) {
    List<MigrationStep> steps = provider.migrations();
    String schema = provider.options().schema();
    if (steps.stream().noneMatch(step -> step.state() == MigrationStep.State.APPLIED)) {
      throw new CliException(
          CliException.DATABASE,
          "The schema %s holds no store, or one that only another program has set up: check --schema and --table-prefix, or set it up with 'wfe schema migrate'"
              .formatted(schema));
    }
    String newer = versions(steps, MigrationStep.State.NEWER);
    if (!newer.isEmpty()) {
      throw new CliException(
          CliException.DATABASE,
          "The store in schema %s is newer than this program (step %s): use the program of that version"
              .formatted(schema, newer));
    }
    String pending = versions(steps, MigrationStep.State.PENDING);
    if (!pending.isEmpty()) {
      throw new CliException(
          CliException.DATABASE,
          "The store in schema %s is older than this program (it lacks step %s): upgrade it with 'wfe schema migrate', or use the program of its version"
              .formatted(schema, pending));
    }
  }

  private static String versions(List<MigrationStep> steps, MigrationStep.State state) {
    return steps.stream()
        .filter(step -> step.state() == state)
        .map(MigrationStep::version)
        .collect(Collectors.joining(", "));
  }

  final StoreOptions store() {
    return store;
  }

  final CommandSpec spec() {
    return Objects.requireNonNull(spec);
  }

  final Main main() {
    return (Main) spec().root().userObject();
  }

  final RowPrinter printer() {
    return new RowPrinter(
        spec().commandLine().getOut(), spec().commandLine().getErr(), main().terminal(), format);
  }
}
