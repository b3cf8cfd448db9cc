package dev.wfe.histories.workload;

import dev.wfe.histories.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Processes, each with several threads. A killed process is replaced by a new one. They end when
 * their standard input does, so none outlives the process that started them.
 */
public final class ProcessWorkers implements Workers {
  private static final long PATIENCE_SECONDS = 120;
  private static final String READY = ".ready";
  private static final String LOG = ".log";

  private final Path folder;
  private final long seed;
  private final Launcher launcher;
  private final List<Member> members = new ArrayList<>();
  private int started;

  /** Says how a process is started. */
  @FunctionalInterface
  public interface Launcher {
    /**
     * The command of a process whose main method ends with {@link #workUntilInputEnds}.
     *
     * @param folder where it records
     * @param name the beginning of its records' names
     */
    List<String> command(Path folder, String name, long seed);
  }

  /** One process. */
  private record Member(String name, Process process, long startNanos) {}

  /** At work, all of them, when this returns. */
  public ProcessWorkers(Path folder, long seed, int count, Launcher launcher) throws IOException {
    this.folder = folder;
    this.seed = seed;
    this.launcher = launcher;
    try {
      for (int i = 0; i < count; i++) {
        start();
      }
      for (Member member : members) {
        await("begin to work", () -> isReady(member) || !member.process().isAlive());
        requireNoFailure(member);
      }
    } catch (IOException | RuntimeException failure) {
      close();
      throw failure;
    }
  }

  /** For the processes: says that the workers work, waits for the end of the input, stops them. */
  public static void workUntilInputEnds(Path folder, String name, Workers workers)
      throws Exception {
    try (workers) {
      Path written = folder.resolve(name + ".starting");
      Files.writeString(written, Long.toString(System.nanoTime()));
      Files.move(written, folder.resolve(name + READY));
      while (System.in.read() >= 0) {
        // What is said does not matter.
      }
      workers.stop();
    }
  }

  private void start() throws IOException {
    String name = "w" + ++started;
    long now = System.nanoTime();
    Process process =
        new ProcessBuilder(launcher.command(folder, name, seed * 31 + started))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + LOG).toFile())
            .start();
    members.add(new Member(name, process, now));
  }

  /**
   * Whether it works. All recorded times rely on the processes reading one clock, so that is looked
   * at here: what the process read must lie between its start and now.
   */
  private boolean isReady(Member member) {
    Path ready = folder.resolve(member.name() + READY);
    if (!Files.exists(ready)) {
      return false;
    }
    long read;
    try {
      read = Long.parseLong(Files.readString(ready));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    if (read - member.startNanos() < 0 || System.nanoTime() - read < 0) {
      throw new IllegalStateException("The processes do not read one clock on this system");
    }
    return true;
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("A worker did not %s in time".formatted(what));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private void requireNoFailure(Member member) throws IOException {
    if (!member.process().isAlive() && member.process().exitValue() != 0) {
      throw new IllegalStateException(
          "Worker %s failed:\n%s"
              .formatted(member.name(), Files.readString(folder.resolve(member.name() + LOG))));
    }
  }

  /** Kills one of those that are at work, and starts another in its place. */
  public Fault killing(Random random) {
    return new Fault() {
      @Override
      public String name() {
        return "worker killed";
      }

      @Override
      public void inject() throws Exception {
        List<Member> ready = members.stream().filter(ProcessWorkers.this::isReady).toList();
        if (ready.isEmpty()) {
          Member next = members.get(0);
          await("begin to work", () -> isReady(next) || !next.process().isAlive());
          requireNoFailure(next);
          ready = List.of(next);
        }
        Member one = ready.get(random.nextInt(ready.size()));
        requireNoFailure(one);
        one.process().destroyForcibly().waitFor();
        members.remove(one);
        start();
      }
    };
  }

  @Override
  public void stop() throws Exception {
    for (Member member : members) {
      member.process().getOutputStream().close();
    }
    for (Member member : members) {
      if (!member.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("Worker %s did not end".formatted(member.name()));
      }
      requireNoFailure(member);
    }
  }

  @Override
  public void close() {
    members.forEach(member -> member.process().destroyForcibly());
  }
}
