package dev.wfe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.cli.orders.HostFailedException;
import dev.wfe.host.WorkflowDefinitionException;
import dev.wfe.model.CommandName;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.StoreException;
import jakarta.persistence.PersistenceException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The program. Its subcommands do the work. */
@Command(
    name = "wfe",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      ListWorkflows.class,
      Show.class,
      Why.class,
      ListErrors.class,
      ListEvents.class,
      ListSubscriptions.class,
      ListCommands.class,
      ListHosts.class,
      Stats.class,
      ReportStore.class,
      Watch.class,
      Doctor.class,
      Suspend.class,
      Resume.class,
      Terminate.class,
      Retry.class,
      Rerun.class,
      ReleaseToken.class,
      Publish.class,
      PurgeStore.class,
      ExportStore.class,
      Schema.class,
      Demo.class,
      GenerateCompletion.class
    },
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Finds, shows and controls the workflows of a store in PostgreSQL. A command is required.",
      ""
    },
    footer = {"", "The store is given by --url or WFE_DATABASE_URL; each command has a --help."})
public final class Main implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  private final Map<String, String> environment;
  private final Path directory;
  private final Terminal terminal;
  private final BufferedReader input;
  private final Cleanup cleanup = new Cleanup();

  /**
   * Creates the program.
   *
   * @param input answers to questions
   */
  Main(Map<String, String> environment, Path directory, Terminal terminal, BufferedReader input) {
    this.environment = Map.copyOf(environment);
    this.directory = directory;
    this.terminal = terminal;
    this.input = input;
  }

  /** Runs the program; does not return if it fails. */
  public static void main(String[] arguments) {
    QuietLogs.set();
    Map<String, String> environment = System.getenv();
    Main main =
        new Main(
            environment,
            Path.of(""),
            Terminal.detect(environment),
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    int exitCode = main.commandLine().execute(arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  CommandLine commandLine() {
    return new CommandLine(this)
        .setExecutionExceptionHandler(this::failed)
        .setParameterExceptionHandler(BadArguments::explain)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(Instant.class, PointInTime::parse)
        .registerConverter(JsonNode.class, JsonText::parse)
        .registerConverter(WorkflowStatus.class, Words::status)
        .registerConverter(CommandName.class, Words::command);
  }

  Map<String, String> environment() {
    return environment;
  }

  @Nullable String databaseUrl() {
    return environment.get(StoreOptions.DATABASE_URL);
  }

  Terminal terminal() {
    return terminal;
  }

  BufferedReader input() {
    return input;
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
      String.valueOf(e.getMessage()).lines().map(PrintableText::of).forEach(err::println);
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
      return new String[] {"wfe " + (version == null ? "(not packaged)" : version)};
    }
  }
}
