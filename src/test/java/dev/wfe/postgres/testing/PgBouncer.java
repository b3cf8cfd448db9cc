package dev.wfe.postgres.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * PgBouncer before one database, in transaction mode unless said otherwise: each transaction of its
 * clients runs in any of a few sessions. Where there is none to be had, whoever asks for it is
 * skipped with the reason, or fails with it under {@code -Dwfe.test.pgbouncer=required}.
 */
public final class PgBouncer implements AutoCloseable {
  private static final String REQUIRED = "wfe.test.pgbouncer";
  private static final Path SCRIPT = Path.of("src/test/pgbouncer/provide");
  private static final Path FOLDER = TestFolder.of("pgbouncer");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final int MANY = 30;

  private final Process process;
  private final Path settings;
  private final int port;
  private final Properties database;

  private PgBouncer(Process process, Path settings, int port, Properties database) {
    this.process = process;
    this.settings = settings;
    this.port = port;
    this.database = database;
  }

  /** Looks for the program once for all tests of this process. */
  private static final class Program {
    static final String PROBLEM = provide();

    static final Path PATH = FOLDER.resolve("pgbouncer");

    private static String provide() {
      if (Files.isExecutable(FOLDER.resolve("pgbouncer"))) {
        return "";
      }
      try {
        Files.createDirectories(FOLDER);
        Path log = FOLDER.resolve("provide.log");
        Process script =
            new ProcessBuilder("sh", SCRIPT.toString(), FOLDER.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!script.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          script.destroyForcibly();
          return "%s did not end within %s: %s".formatted(SCRIPT, PATIENCE, Files.readString(log));
        }
        return script.exitValue() == 0 ? "" : SCRIPT + ": " + Files.readString(log);
      } catch (IOException e) {
        return SCRIPT + ": " + e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return SCRIPT + ": interrupted";
      }
    }
  }

  /** Whether tests with PgBouncer can run here; true if they have to. */
  public static boolean isExpected() {
    return Program.PROBLEM.isEmpty() || System.getProperty(REQUIRED, "").equals("required");
  }

  /** Starts one that shares so many sessions among all its clients. */
  public static PgBouncer before(TestDatabase database, int sessions) {
    return before(database.url(), sessions);
  }

  /** Starts one that keeps a session for each client as long as it is connected. */
  public static PgBouncer keepingSessions(TestDatabase database) {
    return before(database.url(), "session", MANY);
  }

  /** Starts one before whatever the URL leads to, or does not. */
  public static PgBouncer before(String url, int sessions) {
    return before(url, "transaction", sessions);
  }

  private static PgBouncer before(String url, String mode, int sessions) {
    if (!Program.PROBLEM.isEmpty()) {
      String message = "No PgBouncer. " + Program.PROBLEM;
      if (System.getProperty(REQUIRED, "").equals("required")) {
        throw new AssertionError(message);
      }
      Assumptions.abort(message);
    }
    Properties database = Objects.requireNonNull(Driver.parseURL(url, null));
    try {
      int port = freePort();
      Path settings =
          Files.createTempFile(
              FOLDER,
              "pgbouncer",
              ".ini",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(settings, settings(database, port, mode, sessions));
      Path log = FOLDER.resolve("pgbouncer-" + port + ".log");
      Process process =
          new ProcessBuilder(Program.PATH.toString(), settings.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      PgBouncer started = new PgBouncer(process, settings, port, database);
      started.awaitListening(log);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** No parameter is ignored, because users of a proxy cannot always have that. */
  private static String settings(Properties database, int port, String mode, int sessions) {
    String password = PGProperty.PASSWORD.getOrDefault(database);
    return """
    [databases]
    * = host=%s port=%s user='%s'%s
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = %s
    unix_socket_dir =
    user = %s
    auth_type = any
    pool_mode = %s
    default_pool_size = %s
    max_client_conn = 200
    """
        .formatted(
            PGProperty.PG_HOST.getOrDefault(database),
            PGProperty.PG_PORT.getOrDefault(database),
            PGProperty.USER.getOrDefault(database),
            password == null ? "" : " password='%s'".formatted(password.replace("'", "''")),
            port,
            // It refuses to run as root, and becomes somebody else.
            System.getProperty("user.name").equals("root") ? "nobody" : "",
            mode,
            sessions);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitListening(Path log) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        if (!process.isAlive() || System.nanoTime() - deadline > 0) {
          close();
          throw new IOException("PgBouncer does not listen: " + Files.readString(log), notYet);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
  }

  /** How to reach the database through it: {@code jdbc:postgresql:…}. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:%s/%s?user=%s"
        .formatted(
            port,
            PGProperty.PG_DBNAME.getOrDefault(database),
            PGProperty.USER.getOrDefault(database));
  }

  /** Ends it, and its sessions. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(settings);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
