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
 * A real PostgreSQL of this program's own, whose data outlives it: what was committed is there
 * again at the next start, whether the program or the server ended well or was killed.
 *
 * <ol>
 *   <li>The folder is locked against a second running copy.
 *   <li>A server that outlived a killed run is stopped; see {@link ServerProcesses}.
 *   <li>What a killed run left half made is removed.
 *   <li>PostgreSQL is unpacked and its data folder made, where they are missing.
 *   <li>It starts on a free port of the loopback interface, and is asked whether it really is this
 *       one and keeps what it commits.
 * </ol>
 *
 * <p>Thread-safe.
 */
final class EmbeddedServer implements AutoCloseable {
  private static final Duration START_PATIENCE = Duration.ofSeconds(60);

  /** Lets the library choose a free one. */
  private static final int ANY_PORT = 0;

  /** The library that starts the server turns off the first two of these by default. */
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
   * Starts the server of the folder, which is made where it is missing.
   *
   * @param progress is told what takes long
   * @throws CliException if another copy runs on the folder, or it cannot be started
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
      // what the library throws when it cannot unpack
      throw notStarted(path, e.getCause() == null ? e : e.getCause());
    }
  }

  private static CliException notStarted(Path path, Throwable cause) {
    return new CliException(
        CliException.DATABASE,
        ("PostgreSQL cannot be started in %s: %s%n"
                + "Its own messages are in postgres.log there. To use a server of yours, set"
                + " WFE_DATABASE_URL")
            .formatted(path.toAbsolutePath(), cause.getMessage()),
        cause);
  }

  private static EmbeddedPostgres startLocked(ServerFolder folder, Consumer<String> progress)
      throws IOException, InterruptedException, SQLException {
    ServerProcesses processes = new ServerProcesses(folder);
    if (processes.isServerRunning()) {
      progress.accept("Stopping the PostgreSQL that outlived an earlier run");
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
            // a resolver of our own, because the library remembers per resolver where it unpacked
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
          throw new IOException("it runs with %s=%s".formatted(setting.getKey(), value));
        }
      }
      // another program may have taken the port between its choice and its use
      Path data = Path.of(show(statement, "data_directory"));
      if (!Files.isSameFile(data, folder.data())) {
        throw new IOException("the server on its port is another, of " + data);
      }
    }
  }

  private static String show(Statement statement, String setting) throws SQLException {
    try (ResultSet row = statement.executeQuery("show " + setting)) {
      row.next();
      return row.getString(1);
    }
  }

  /** Where it is. Connections are let in without a password, from this machine alone. */
  synchronized String jdbcUrl() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  /**
   * Starts the server again, at the same place, if it was killed; does nothing if it runs or was
   * closed.
   *
   * @throws CliException if it cannot be started
   */
  synchronized void restartIfEnded(Consumer<String> progress) {
    try {
      ServerProcesses processes = new ServerProcesses(folder);
      if (closed || processes.isServerRunning()) {
        return;
      }
      progress.accept("PostgreSQL has ended; starting it again");
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

  /**
   * Stops the server, breaking what connections there are, and lets go of the folder. Repeatable.
   */
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
          CliException.DATABASE, "PostgreSQL does not stop: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
