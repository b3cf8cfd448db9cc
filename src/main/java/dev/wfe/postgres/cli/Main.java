package dev.wfe.postgres.cli;

import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.cli.orders.BadOrdersException;
import dev.wfe.postgres.cli.orders.HostFailedException;
import dev.wfe.postgres.cli.orders.Order;
import dev.wfe.postgres.cli.orders.OrderFile;
import jakarta.persistence.PersistenceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Drives the orders of a file through a store of workflow state, as a host would. */
@Command(
    name = "wfe-postgres",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = Validate.class,
    description = {
      "Carries out the orders of a file as workflows whose state is in PostgreSQL, and checks in the"
          + " database that each is complete. Killed at any moment and started again, it goes on.",
      "",
      "The database is that of WFE_DATABASE_URL if it is set: a postgres:// or jdbc:postgresql: URL."
          + " Otherwise a PostgreSQL of the program's own is started in .wfe in this directory.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all orders are complete, and the check passed",
      "1:the check found differences, or the run failed",
      "2:the arguments or the orders file make no sense",
      "3:the database cannot be started, reached or set up"
    })
public final class Main implements Callable<Integer> {
  private static final String DATABASE_URL = "WFE_DATABASE_URL";
  private static final String SAMPLE = "orders.jsonl";

  @Option(
      names = "--orders",
      paramLabel = "FILE",
      description = "orders as JSON lines in UTF-8; a sample of 200 by default")
  private @Nullable Path ordersFile;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "threads of each kind: executing, delivering events, shipping; ${DEFAULT-VALUE} by default")
  private int threads;

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

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (cleanup) {
      List<Order> orders = readOrders();
      requireThreads();
      if (databaseUrl == null || databaseUrl.isEmpty()) {
        EmbeddedServer server =
            cleanup.add(EmbeddedServer.start(directory.resolve(".wfe"), this::say));
        say("PostgreSQL runs at " + server.jdbcUrl());
        run(server.jdbcUrl(), orders, () -> server.restartIfEnded(this::say));
      } else {
        run(databaseUrl, orders, () -> {});
      }
    }
    return 0;
  }

  private void run(String url, List<Order> orders, Runnable keepServer)
      throws InterruptedException {
    PostgresPersistenceProvider provider;
    try {
      provider =
          cleanup.add(
              PostgresPersistenceProvider.connect(
                  url, PostgresOptions.defaults().withApplicationName("wfe-postgres-orders")));
      provider.ensureStoreExists();
      provider.validateStore();
    } catch (StoreException e) {
      throw new CliException(CliException.DATABASE, e.getMessage(), e);
    }
    new OrdersRun(provider, orders, threads, out(), keepServer, cleanup).run();
  }

  private List<Order> readOrders() throws IOException {
    try {
      return OrderFile.read(ordersFile == null ? sample() : Files.readAllBytes(ordersFile));
    } catch (NoSuchFileException e) {
      throw new CliException(CliException.USAGE, "There is no file %s".formatted(ordersFile), e);
    } catch (IOException e) {
      throw new CliException(
          CliException.USAGE, "The file %s cannot be read: %s".formatted(ordersFile, e), e);
    } catch (BadOrdersException e) {
      throw new CliException(
          CliException.USAGE,
          "%s: %s. Nothing was started".formatted(ordersFile, e.getMessage()),
          e);
    }
  }

  private static byte[] sample() throws IOException {
    try (InputStream sample = Main.class.getResourceAsStream(SAMPLE)) {
      return Objects.requireNonNull(sample, SAMPLE).readAllBytes();
    }
  }

  private void requireThreads() {
    if (threads < 1 || threads > 100) {
      throw new ParameterException(
          spec().commandLine(), "--threads is %s, not between 1 and 100".formatted(threads));
    }
  }

  private int failed(Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    if (cleanup.isInterrupted()) {
      err.println("Stopped; started again, it goes on from the database");
      return CliException.DIFFERENT;
    }
    if (failure instanceof CliException e) {
      err.println(e.getMessage());
      return e.exitCode();
    }
    if (failure instanceof HostFailedException
        || failure instanceof StoreException
        || failure instanceof PersistenceException) {
      String cause = failure.getCause() == null ? "" : ": " + failure.getCause().getMessage();
      err.println(failure.getMessage() + cause);
      err.println("Started again, it goes on from the database");
      return CliException.DIFFERENT;
    }
    failure.printStackTrace(err);
    return CliException.DIFFERENT;
  }

  private CommandSpec spec() {
    return Objects.requireNonNull(spec);
  }

  private PrintWriter out() {
    return spec().commandLine().getOut();
  }

  private void say(String line) {
    out().println(line);
    out().flush();
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
