package dev.wfe.cli;

import dev.wfe.persistence.MigrationStep;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Creates, upgrades, checks and shows the tables of a store. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {Schema.Migrate.class, Validate.class, Schema.Info.class, Schema.Sql.class},
    description = {"Creates, upgrades, checks and shows the tables of a store.", ""})
final class Schema implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /** Without a command: prints the list of commands. */
  @Override
  public Integer call() {
    var commandLine = Objects.requireNonNull(spec).commandLine();
    commandLine.usage(commandLine.getErr());
    return CliException.USAGE;
  }

  private static final List<Column<MigrationStep>> COLUMNS =
      List.of(
          Column.of("step", MigrationStep::version),
          Column.of("description", MigrationStep::description),
          Column.of("state", step -> word(step.state())),
          Column.of("applied", MigrationStep::appliedAt));

  private static String word(MigrationStep.State state) {
    return switch (state) {
      case APPLIED -> "applied";
      case PENDING -> "pending";
      case NEWER -> "newer";
    };
  }

  private static List<MigrationStep> pending(PostgresPersistenceProvider provider) {
    return provider.migrations().stream()
        .filter(step -> step.state() == MigrationStep.State.PENDING)
        .toList();
  }

  /** Creates or upgrades the store. */
  @Command(
      name = "migrate",
      description = {
        "Creates the store, or upgrades it to this version. Can be repeated, and interrupted: a"
            + " later call continues. Hosts can go on working.",
        ""
      })
  static final class Migrate extends StoreCommand {
    @Mixin private final Confirmation confirmation = new Confirmation();

    @Override
    boolean worksOnAnyVersion() {
      return true;
    }

    @Override
    int run(PostgresPersistenceProvider provider) {
      List<MigrationStep> pending = pending(provider);
      RowPrinter printer = printer();
      String schema = PrintableText.of(provider.options().schema());
      if (!pending.isEmpty()) {
        printer.note(
            "The store in schema %s lacks %s steps, the first is %s (%s)"
                .formatted(
                    schema,
                    pending.size(),
                    pending.get(0).version(),
                    PrintableText.of(pending.get(0).description())));
        confirmation.require(this, "Create or upgrade the store?");
      }
      // also if nothing is pending: tables that were dropped are created again
      provider.ensureStoreExists();
      printer.print(COLUMNS, provider.migrations());
      return 0;
    }
  }

  /** Shows the steps. */
  @Command(
      name = "info",
      description = {
        "Shows the steps that have created and upgraded the store, and those that are missing."
            + " Changes nothing.",
        ""
      })
  static final class Info extends StoreCommand {
    @Override
    boolean worksOnAnyVersion() {
      return true;
    }

    @Override
    int run(PostgresPersistenceProvider provider) {
      printer().print(COLUMNS, provider.migrations());
      return 0;
    }
  }

  /** Prints the statements. */
  @Command(
      name = "sql",
      description = {
        "Prints the SQL of the steps, for this schema and prefix, for review. Steps that correct or"
            + " grant what they find appear as comments. 'schema migrate' executes all of them; the"
            + " SQL alone makes no complete store.",
        ""
      })
  static final class Sql extends StoreCommand {
    @Override
    boolean worksOnAnyVersion() {
      return true;
    }

    @Override
    int run(PostgresPersistenceProvider provider) {
      PrintWriter out = spec().commandLine().getOut();
      for (MigrationStep step : provider.migrations()) {
        out.printf(
            "-- step %s: %s (%s)%n",
            step.version(), PrintableText.of(step.description()), word(step.state()));
        out.println(
            step.sql() == null
                ? "-- a program: 'wfe schema migrate' executes it\n"
                : step.sql().strip() + "\n");
      }
      out.flush();
      return 0;
    }
  }
}
