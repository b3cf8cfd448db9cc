package dev.wfe.postgres.histories.hosts;

import dev.wfe.histories.Fault;
import dev.wfe.postgres.faults.network.Direction;
import dev.wfe.postgres.faults.network.FaultyProxy;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Processes that run hosts. They end when their standard input does, so none outlives the process
 * that started them. Used by one thread at a time.
 */
final class HostProcesses implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;
  private static final long TAKEOVER_SECONDS = 10;
  private static final long PAUSE_MILLIS = 2;

  private final Path folder;
  private final Launcher launcher;
  private final List<Member> members = new ArrayList<>();
  private int started;

  /** Says how a process is started. */
  @FunctionalInterface
  interface Launcher {
    /**
     * The command of a process that says {@link HostProgram#STARTED} when its host runs.
     *
     * @param place the number of the process that it is or replaces, from 0
     */
    List<String> command(String name, int place);
  }

  /** One process; its output goes to a file. */
  private record Member(String name, int place, Process process, Path output) {
    boolean hasStarted() {
      try {
        return Files.readString(output).contains(HostProgram.STARTED);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    void signal(String signal) throws IOException, InterruptedException {
      int result =
          new ProcessBuilder("sh", "-c", "kill -%s %s".formatted(signal, process.pid()))
              .redirectError(Redirect.INHERIT)
              .start()
              .waitFor();
      if (result != 0) {
        throw new IOException("kill ended with " + result);
      }
    }
  }

  /** Starts processes; they run hosts when this returns. */
  HostProcesses(Path folder, int count, Launcher launcher)
      throws IOException, InterruptedException {
    this.folder = folder;
    this.launcher = launcher;
    try {
      for (int i = 0; i < count; i++) {
        start(i);
      }
      for (Member member : members) {
        awaitStarted(member);
      }
    } catch (IOException | InterruptedException | RuntimeException failure) {
      close();
      throw failure;
    }
  }

  private void start(int place) throws IOException {
    String name = "h" + ++started;
    Path output = folder.resolve(name + ".log");
    Process process =
        new ProcessBuilder(launcher.command(name, place))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    members.add(new Member(name, place, process, output));
  }

  private static void awaitStarted(Member member) throws IOException, InterruptedException {
    boolean isThere =
        await(PATIENCE_SECONDS, () -> member.hasStarted() || !member.process().isAlive());
    if (!isThere || !member.hasStarted()) {
      throw new IllegalStateException(
          "%s did not start:\n%s".formatted(member.name(), Files.readString(member.output())));
    }
  }

  private static boolean await(long seconds, BooleanSupplier condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    return true;
  }

  /** Done to one of the processes. */
  @FunctionalInterface
  private interface Injection {
    void into(Member victim) throws Exception;
  }

  private Fault fault(String name, Random random, Injection injection) {
    return new Fault() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void inject() throws Exception {
        Member victim = members.get(random.nextInt(members.size()));
        awaitStarted(victim);
        injection.into(victim);
      }
    };
  }

  /** Kills a process, and starts another one in its place. */
  Fault killed(Random random) {
    return fault(
        "a host is killed",
        random,
        victim -> {
          victim.process().destroyForcibly().waitFor();
          members.remove(victim);
          start(victim.place());
        });
  }

  /** Closes the host of a process, which then starts another one. */
  Fault closed(Random random) {
    return fault(
        "a host is closed",
        random,
        victim -> {
          OutputStream input = victim.process().getOutputStream();
          input.write("again\n".getBytes(StandardCharsets.UTF_8));
          input.flush();
        });
  }

  /**
   * Stops a process until others have taken over a workflow from it, and lets it go on soon after:
   * then its leases have expired, and others have just begun to execute the steps that it executes.
   */
  Fault stopped(Random random, Sql database) {
    return fault(
        "a host is stopped beyond its lease",
        random,
        victim -> {
          awaitLease(victim, database);
          victim.signal("STOP");
          try {
            awaitTakeover(victim, database);
          } finally {
            victim.signal("CONT");
          }
        });
  }

  /**
   * As {@link #stopped}, but the process goes on. What it sends meanwhile arrives at the server
   * afterwards.
   *
   * @param proxies through which the processes reach the server, one for each place
   */
  Fault cutOff(Random random, Sql database, List<FaultyProxy> proxies) {
    return fault(
        "a host is cut off beyond its lease",
        random,
        victim -> {
          FaultyProxy proxy = proxies.get(victim.place());
          awaitLease(victim, database);
          proxy.blackHole(Direction.TO_SERVER);
          try {
            awaitTakeover(victim, database);
          } finally {
            proxy.heal();
          }
        });
  }

  private static void awaitLease(Member victim, Sql database) throws InterruptedException {
    String leases =
        "select 1 from wfc.workflow_leases where owner like '%s.%%'".formatted(victim.name());
    await(TAKEOVER_SECONDS, () -> hasRows(database, leases));
  }

  private static void awaitTakeover(Member victim, Sql database) throws InterruptedException {
    String lost =
        """
        select 1 from proof.leases where what = 'taken over' and old_owner like '%s.%%'
          and seq > %s
        """
            .formatted(victim.name(), lastEntry(database));
    await(TAKEOVER_SECONDS, () -> hasRows(database, lost));
  }

  private static boolean hasRows(Sql database, String query) {
    try {
      return !database.rowsPersistently(query).isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static String lastEntry(Sql database) throws InterruptedException {
    return String.valueOf(
        database.rowsPersistently("select coalesce(max(seq), 0) from proof.leases").get(0).get(0));
  }

  /** Closes all hosts, and waits for the processes to end. */
  void stop() throws IOException, InterruptedException {
    for (Member member : members) {
      awaitStarted(member);
      member.process().getOutputStream().close();
    }
    for (Member member : members) {
      if (!member.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)
          || member.process().exitValue() != 0) {
        throw new IllegalStateException(
            "%s did not end well:\n%s".formatted(member.name(), Files.readString(member.output())));
      }
    }
  }

  @Override
  public void close() {
    members.forEach(member -> member.process().destroyForcibly());
  }
}
