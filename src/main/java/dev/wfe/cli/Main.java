package dev.wfe.cli;

import dev.wfe.cli.orders.HostFailedException;
import dev.wfe.host.WorkflowDefinitionException;
import dev.wfe.persistence.StoreException;
import jakarta.persistence.PersistenceException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The program. Its subcommands do the work. */
@Command(
    name = "wfe-postgres",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {Demo.class, Validate.class},
    synopsisSubcommandLabel = "COMMAND",
    description = {"Works with workflow state in PostgreSQL. A command is required.", ""})
public final class Main implements Callable<Integer> {
  private static final String DATABASE_URL = "WFE_DATABASE_URL";

  @Spec private @Nullable CommandSpec spec;

  private final @Nullable String databaseUrl;
  private final Path directory;
  private final Cleanup cleanup = new Cleanup();

  Main(@Nullable String databaseUrl, Path directory) {
    this.databaseUrl = databaseUrl;
    this.directory = directory;
  }

  /** Runs the program; does not return if it fails. */
  public static void main(String[] arguments) {
    QuietLogs.set();
    Main main = new Main(System.getenv(DATABASE_URL), Path.of(""));
    int exitCode = main.commandLine().execute(arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  CommandLine commandLine() {
    return new CommandLine(this)
        .setExecutionExceptionHandler(this::failed)
        .setParameterExceptionHandler(BadArguments::explain);
  }

  @Nullable String databaseUrl() {
    return databaseUrl;
  }

  Path directory() {
    return directory;
  }

  /** The resources that are closed when the program ends. */
  Cleanup cleanup() {
    return cleanup;
  }

  /** Without a command: prints the list of commands. */
  @Override
  public Integer call() {
    CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
    commandLine.usage(commandLine.getErr());
    return CliException.USAGE;
  }

  private int failed(Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    if (cleanup.isInterrupted()) {
      err.println("Stopped. Start it again to continue from the database");
      return CliException.DIFFERENT;
    }
    if (failure instanceof CliException e) {
      err.println(e.getMessage());
      return e.exitCode();
    }
    if (failure instanceof WorkflowDefinitionException) {
      err.println(failure.getMessage());
      err.println("Choose another schema with --schema");
      return CliException.DATABASE;
    }
    if (failure instanceof HostFailedException
        || failure instanceof StoreException
        || failure instanceof PersistenceException) {
      String cause = failure.getCause() == null ? "" : ": " + failure.getCause().getMessage();
      err.println(failure.getMessage() + cause);
      err.println("Start it again to continue from the database");
      return CliException.DIFFERENT;
    }
    failure.printStackTrace(err);
    return CliException.DIFFERENT;
  }

  /** The version of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"wfe-postgres " + (version == null ? "(not packaged)" : version)};
    }
  }
}
