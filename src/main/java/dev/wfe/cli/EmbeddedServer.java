package dev.wfe.cli;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A PostgreSQL server that belongs to this program. Its data is durable: what was committed is
 * still there at the next start, even if the program or the server was killed. A start does the
 * following:
 *
 * <ol>
 *   <li>It locks the folder, so that no second copy of the program uses it.
 *   <li>It stops a server that is still running after an earlier run was killed; see {@link
 *       ServerProcesses}.
 *   <li>It deletes files that a killed run left incomplete.
 *   <li>It unpacks PostgreSQL and creates the data folder if they are missing.
 *   <li>It starts PostgreSQL on a free port of the loopback interface, and checks that this server
 *       answers on the port and has durable commits.
 * </ol>
 *
 * <p>Thread-safe.
 */
final class EmbeddedServer implements AutoCloseable {
  private static final Duration START_PATIENCE = Duration.ofSeconds(60);

  /** The library chooses a free port. */
  private static final int ANY_PORT = 0;

  /** The settings of the server. By default, the library that starts it turns off the first two. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "fsync", "on",
          "synchronous_commit", "on",
          "full_page_writes", "on",
          "listen_addresses", "localhost",
          "unix_socket_directories", "");

  private final ServerFolder folder;
  private final FolderLock lock;
  private EmbeddedPostgres postgres;
  private boolean closed;

  private EmbeddedServer(ServerFolder folder, FolderLock lock, EmbeddedPostgres postgres) {
    this.folder = folder;
    this.lock = lock;
    this.postgres = postgres;
  }

  /**
   * Starts the server of the folder. Creates the folder if it is missing.
   *
   * @param progress receives messages about steps that take long
   * @throws CliException if another copy of the program uses the folder, or the server cannot be
   *     started
   */
  static EmbeddedServer start(Path path, Consumer<String> progress) {
    try {
      ServerFolder folder = ServerFolder.at(path);
      FolderLock lock = FolderLock.take(folder.lock());
      try {
        EmbeddedPostgres postgres = startLocked(folder, progress);
        return new EmbeddedServer(folder, lock, postgres);
      } catch (Exception e) {
        lock.close();
        throw e;
      }
    } catch (CliException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notStarted(path, e);
    } catch (Exception e) {
      throw notStarted(path, e);
    } catch (ExceptionInInitializerError e) {
      // thrown by the library if it cannot unpack
      throw notStarted(path, e.getCause() == null ? e : e.getCause());
    }
  }

  private static CliException notStarted(Path path, Throwable cause) {
    return new CliException(
        CliException.DATABASE,
        ("PostgreSQL cannot be started in %s: %s%n"
                + "The server's messages are in postgres.log there. To use another server, set"
                + " WFE_DATABASE_URL")
            .formatted(path.toAbsolutePath(), cause.getMessage()),
        cause);
  }

  private static EmbeddedPostgres startLocked(ServerFolder folder, Consumer<String> progress)
      throws IOException, InterruptedException, SQLException {
    ServerProcesses processes = new ServerProcesses(folder);
    if (processes.isServerRunning()) {
      progress.accept("Stopping the PostgreSQL server of an earlier run");
    }
    processes.endAll();
    folder.removeHalfMade();
    if (folder.needsUnpacking()) {
      progress.accept(
          "Unpacking PostgreSQL into %s; this happens once".formatted(folder.binaries()));
    }
    return startClean(folder, ANY_PORT);
  }

  private static EmbeddedPostgres startClean(ServerFolder folder, int port)
      throws IOException, SQLException {
    EmbeddedPostgres postgres = launch(folder, port);
    try {
      requireSettings(postgres, folder);
    } catch (Exception e) {
      postgres.close();
      throw e;
    }
    if (!Files.exists(folder.dataIsComplete())) {
      Files.createFile(folder.dataIsComplete());
    }
    return postgres;
  }

  private static EmbeddedPostgres launch(ServerFolder folder, int port) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            // a new resolver for each start, because the library caches the unpacked folder per
            // resolver
            .setPgBinaryResolver(
                (system, machine) ->
                    DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine))
            .setOverrideWorkingDirectory(folder.binaries().toFile())
            .setDataDirectory(folder.data())
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setOutputRedirector(Redirect.appendTo(folder.log().toFile()))
            .setLocaleConfig("locale", "C")
            .setPort(port)
            .setPGStartupWait(START_PATIENCE);
    SETTINGS.forEach(builder::setServerConfig);
    return builder.start();
  }

  private static void requireSettings(EmbeddedPostgres postgres, ServerFolder folder)
      throws SQLException, IOException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
        String value = show(statement, setting.getKey());
        if (!value.equals(setting.getValue())) {
          throw new IOException("the server runs with %s=%s".formatted(setting.getKey(), value));
        }
      }
      // another program may have taken the port after it was chosen
      Path data = Path.of(show(statement, "data_directory"));
      if (!Files.isSameFile(data, folder.data())) {
        throw new IOException("another server answers on the port; its data folder is " + data);
      }
    }
  }

  private static String show(Statement statement, String setting) throws SQLException {
    try (ResultSet row = statement.executeQuery("show " + setting)) {
      row.next();
      return row.getString(1);
    }
  }

  /**
   * The URL of the server. It accepts connections without a password, but only from this machine.
   */
  synchronized String jdbcUrl() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  /**
   * Starts the server again, on the same port and folder, if it was killed. Does nothing if it is
   * running or was closed.
   *
   * @throws CliException if it cannot be started
   */
  synchronized void restartIfEnded(Consumer<String> progress) {
    try {
      ServerProcesses processes = new ServerProcesses(folder);
      if (closed || processes.isServerRunning()) {
        return;
      }
      progress.accept("PostgreSQL has stopped; starting it again");
      postgres.close();
      processes.endAll();
      postgres = startClean(folder, postgres.getPort());
    } catch (IOException | SQLException e) {
      throw notStarted(folder.root(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notStarted(folder.root(), e);
    }
  }

  /** Stops the server, closes its connections and releases the folder's lock. Idempotent. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (lock) {
      postgres.close();
      new ServerProcesses(folder).endAll();
    } catch (IOException e) {
      throw new CliException(
          CliException.DATABASE, "PostgreSQL cannot be stopped: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
