package dev.wfe.postgres.faults.server;

import dev.wfe.postgres.internal.schema.SchemaManager;
import dev.wfe.postgres.internal.sql.StoreNames;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A PostgreSQL of a test's own that keeps what it commits, to be killed and started again on the
 * same port. Thread-safe.
 */
public final class CrashableServer implements AutoCloseable {
  /** A server that is stopped at once sometimes takes a minute to end. */
  private static final long PATIENCE_SECONDS = 180;

  /** The library that makes the data folder turns off the first two of these. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "fsync", "on",
          "synchronous_commit", "on",
          "full_page_writes", "on",
          "listen_addresses", "'localhost'",
          "unix_socket_directories", "''",
          "max_connections", "50",
          "shared_buffers", "'16MB'");

  private final ServerPrograms programs;
  private final Path folder;
  private final int port = Ports.free();

  private CrashableServer(ServerPrograms programs, Path folder) {
    this.programs = programs;
    this.folder = folder;
  }

  /** How {@link #stop} treats those who are connected. */
  public enum StopMode {
    /** Waits for them to leave. */
    SMART,
    /** Breaks their transactions off. */
    FAST,
    /** Leaves everything as it is; what was committed comes back with the next start. */
    IMMEDIATE
  }

  /** A data folder with an empty store in it, made once, and the programs that made it. */
  private record Template(ServerPrograms programs, Path folder) {
    private static final class Holder {
      static final Template INSTANCE = make();
    }

    private static Template make() {
      Path folder = Folders.make("template");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteQuietly(folder)));
      try (EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              .setDataDirectory(data(folder))
              .setCleanDataDirectory(false)
              .setRegisterShutdownHook(false)
              .setLocaleConfig("locale", "C")
              .start()) {
        SchemaManager.migrate(postgres.getPostgresDatabase(), new StoreNames("wfc", ""));
        Path program = Path.of(postmaster(folder).info().command().orElseThrow());
        return new Template(new ServerPrograms(program.resolveSibling("")), folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void deleteQuietly(Path folder) {
      try {
        Folders.delete(folder);
      } catch (IOException e) {
        // it lies in the build's folder
      }
    }
  }

  /** Starts a server whose database {@code postgres} holds an empty store. */
  public static CrashableServer started() throws IOException, InterruptedException {
    Template template = Template.Holder.INSTANCE;
    Path folder = Folders.make("server");
    Folders.copy(data(template.folder()), data(folder));
    CrashableServer server = new CrashableServer(template.programs(), folder);
    server.configure(SETTINGS);
    server.start();
    return server;
  }

  /** A server that was not started yet, with a data folder that is still to be filled. */
  static CrashableServer of(ServerPrograms programs) {
    return new CrashableServer(programs, Folders.make("server"));
  }

  /** Fills the data folder as {@code initdb} does. */
  void initialize() throws IOException, InterruptedException {
    run("initdb", "-D", data(), "-A", "trust", "-U", "postgres", "-E", "UTF-8", "--locale=C", "-N");
    configure(SETTINGS);
  }

  /** Fills the data folder with a copy of the running server, which this one is to follow. */
  void copy(CrashableServer primary) throws IOException, InterruptedException {
    run("pg_basebackup", "-D", data(), "-d", primary.connection(), "-R", "-c", "fast", "-N");
    configure(SETTINGS);
  }

  private String connection() {
    return "host=127.0.0.1 port=%s user=postgres".formatted(port);
  }

  private void configure(Map<String, String> settings) throws IOException {
    List<String> lines = new ArrayList<>();
    new TreeMap<>(settings).forEach((name, value) -> lines.add(name + " = " + value));
    lines.add("port = " + port);
    Files.write(data().resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
  }

  private void run(String program, Object... arguments) throws IOException, InterruptedException {
    programs.run(folder.resolve("log"), program, arguments);
  }

  private static Path data(Path folder) {
    return folder.resolve("data");
  }

  private Path data() {
    return data(folder);
  }

  String hostAndPort() {
    return "127.0.0.1:" + port;
  }

  /** Where the store is. */
  public String jdbcUrl() {
    return "jdbc:postgresql://%s/postgres?user=postgres".formatted(hostAndPort());
  }

  /** Starts it; returns when it answers. */
  public synchronized void start() throws IOException, InterruptedException {
    Path log = folder.resolve("server.log");
    try {
      run("pg_ctl", "-D", data(), "-l", log, "-t", PATIENCE_SECONDS, "-w", "start");
    } catch (IOException failure) {
      throw new IOException("The server does not start:\n" + Files.readString(log), failure);
    }
  }

  /** Stops it; returns when it has ended. */
  public synchronized void stop(StopMode mode) throws IOException, InterruptedException {
    run(
        "pg_ctl",
        "-D",
        data(),
        "-m",
        mode.name().toLowerCase(Locale.ROOT),
        "-t",
        PATIENCE_SECONDS,
        "-w",
        "stop");
  }

  /** Asks it to stop, and does not wait for it. */
  synchronized void beginToStop(StopMode mode) throws IOException, InterruptedException {
    run("pg_ctl", "-D", data(), "-m", mode.name().toLowerCase(Locale.ROOT), "-W", "stop");
  }

  /** Makes a server that follows another take writes; returns when it does. */
  synchronized void promote() throws IOException, InterruptedException {
    run("pg_ctl", "-D", data(), "-t", PATIENCE_SECONDS, "-w", "promote");
  }

  /** Kills all its processes outright; returns when none is left. */
  public synchronized void kill() throws IOException, InterruptedException {
    ProcessHandle postmaster = postmaster(folder);
    // Held still, it starts no process that would not be seen.
    signal("STOP", postmaster);
    List<ProcessHandle> processes = new ArrayList<>(postmaster.descendants().toList());
    postmaster.destroyForcibly();
    processes.forEach(ProcessHandle::destroyForcibly);
    processes.add(postmaster);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!processes.stream().allMatch(CrashableServer::hasEnded)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("These processes do not end: " + processes);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    // Its number may be another program's by the next start.
    Files.delete(data().resolve("postmaster.pid"));
  }

  /** Keeps one of its processes from doing anything until it is killed. */
  void suspend(long pid) throws IOException, InterruptedException {
    signal("STOP", ProcessHandle.of(pid).orElseThrow());
  }

  private static void signal(String name, ProcessHandle process)
      throws IOException, InterruptedException {
    int result =
        new ProcessBuilder("sh", "-c", "kill -%s %s".formatted(name, process.pid()))
            .redirectError(Redirect.INHERIT)
            .start()
            .waitFor();
    if (result != 0) {
      throw new IOException("kill ended with " + result);
    }
  }

  /** True also for a process that was not yet cleared away by its parent. */
  private static boolean hasEnded(ProcessHandle process) {
    return !process.isAlive() || process.info().command().isEmpty();
  }

  private static ProcessHandle postmaster(Path folder) throws IOException {
    String pid = Files.readAllLines(data(folder).resolve("postmaster.pid")).get(0).strip();
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  synchronized boolean isRunning() {
    return Files.exists(data().resolve("postmaster.pid"));
  }

  /** Stops it, if it runs, and removes its data. */
  @Override
  public synchronized void close() {
    try {
      if (isRunning()) {
        stop(StopMode.IMMEDIATE);
      }
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
