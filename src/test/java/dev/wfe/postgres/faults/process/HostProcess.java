package dev.wfe.postgres.faults.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program in a process of its own. It says when it is ready, does what it is there for when it is
 * told to, and is killed by {@code SIGKILL} or ended by {@code SIGTERM}. Not thread-safe.
 */
final class HostProcess implements AutoCloseable {
  /** What it says when it waits to be told. */
  static final String READY = "ready";

  private static final int KILLED = 128 + 9;

  private final Process process;
  private final BufferedReader output;

  private HostProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** What the program does, on its side. */
  @FunctionalInterface
  interface Calls {
    void start() throws Exception;
  }

  /** Starts the main method of the class. */
  static HostProcess start(Class<?> program, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    return new HostProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** For the program: is ready, makes the calls when it is told to, and never outlives its host. */
  static void callWhenTold(Calls calls) throws Exception {
    System.out.println(READY);
    if (System.in.read() >= 0) {
      calls.start();
    }
    while (System.in.read() >= 0) {
      // Nothing more is said.
    }
    Runtime.getRuntime().halt(0);
  }

  /** For the program: never outlives its host. */
  static void endWithInput() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // What is said does not matter.
                }
              } catch (IOException ended) {
                // The host is gone.
              }
              Runtime.getRuntime().halt(0);
            });
    watch.setDaemon(true);
    watch.start();
  }

  /** Returns once it has said that. */
  void awaitSaid(String line) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String next = output.readLine(); !line.equals(next); next = output.readLine()) {
      if (next == null) {
        throw new AssertionError("It ended, and did not say \"%s\":\n%s".formatted(line, said));
      }
      said.append(next).append('\n');
    }
  }

  /** Tells it to make its calls. */
  void tell() throws IOException {
    OutputStream input = process.getOutputStream();
    input.write('\n');
    input.flush();
  }

  /** Ends it with {@code SIGTERM}; returns its exit code when it has ended. */
  int end() throws InterruptedException {
    process.toHandle().destroy(); // unlike Process.destroy, does not close its input
    return process.waitFor();
  }

  /** Returns when it is dead; fails if it had ended before. */
  void kill() throws InterruptedException {
    int code = process.destroyForcibly().waitFor();
    if (code != KILLED) {
      throw new AssertionError("It was not killed, but ended with " + code);
    }
  }

  @Override
  public void close() {
    try {
      process.destroyForcibly().waitFor();
      output.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
