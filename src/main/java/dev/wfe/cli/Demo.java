package dev.wfe.cli;

import dev.wfe.cli.orders.BadOrdersException;
import dev.wfe.cli.orders.Order;
import dev.wfe.cli.orders.OrderFile;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Executes the orders of a file as workflows. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Executes the orders of a file as workflows whose state is in PostgreSQL, and checks in"
          + " the database that each is complete. You can kill it at any moment; when you start it"
          + " again, it continues from the database.",
      "",
      "The database is given by WFE_DATABASE_URL, a postgres:// or jdbc:postgresql: URL. If the"
          + " variable is not set, the program starts its own PostgreSQL in the folder .wfe of this"
          + " directory. All data is written to one schema. A schema that contains anything else"
          + " is rejected.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all orders are complete, and the check passed",
      "1:the check found differences, or the run failed",
      "2:the arguments or the orders file are invalid",
      "3:the database cannot be started, reached or set up, or the schema contains other data"
    })
final class Demo implements Callable<Integer> {
  private static final String SAMPLE = "orders.jsonl";

  @Option(
      names = "--orders",
      paramLabel = "FILE",
      description = "orders as JSON lines in UTF-8; by default a sample of 200")
  private @Nullable Path ordersFile;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "number of threads that execute steps, and of parcel workers; ${DEFAULT-VALUE} by"
              + " default")
  private int threads;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      defaultValue = "wfe_demo",
      description = "the schema to write to; ${DEFAULT-VALUE} by default")
  private String schema = "";

  @ParentCommand private @Nullable Main main;
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Main program = Objects.requireNonNull(main);
    try (Cleanup cleanup = program.cleanup()) {
      List<Order> orders = readOrders();
      requireThreads();
      String url = program.databaseUrl();
      if (url == null || url.isEmpty()) {
        EmbeddedServer server =
            cleanup.add(EmbeddedServer.start(program.directory().resolve(".wfe"), this::say));
        say("PostgreSQL is running at " + server.jdbcUrl());
        run(server.jdbcUrl(), orders, () -> server.restartIfEnded(this::say), cleanup);
      } else {
        run(url, orders, () -> {}, cleanup);
      }
    }
    return 0;
  }

  private void run(String url, List<Order> orders, Runnable keepServer, Cleanup cleanup)
      throws Exception {
    PostgresOptions options = options();
    PostgresPersistenceProvider provider;
    LedgerTable ledger;
    try {
      provider = cleanup.add(PostgresPersistenceProvider.connect(url, options));
      DemoSchema.requireOwn(provider);
      provider.ensureStoreExists();
      provider.validateStore();
      ledger = LedgerTable.open(provider);
    } catch (StoreException | PersistenceException e) {
      throw new CliException(CliException.DATABASE, e.getMessage(), e);
    }
    new OrdersRun(provider, ledger, orders, threads, out(), keepServer, cleanup).run();
  }

  private PostgresOptions options() {
    try {
      return PostgresOptions.builder()
          .applicationName("wfe-postgres-orders")
          .schema(schema)
          .build();
    } catch (InvalidValueException e) {
      throw new CliException(CliException.USAGE, e.getMessage(), e);
    }
  }

  private List<Order> readOrders() throws IOException {
    try {
      return OrderFile.read(ordersFile == null ? sample() : Files.readAllBytes(ordersFile));
    } catch (NoSuchFileException e) {
      throw new CliException(
          CliException.USAGE, "The file %s does not exist".formatted(ordersFile), e);
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
}
