package dev.wfe.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The program as users start it: from its jar, in a process and a directory of its own. */
final class PackagedProgram {
  private static final Pattern PROGRESS = Pattern.compile("Orders complete: (\\d+) of \\d+");

  private final Process process;
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private final List<String> said = new CopyOnWriteArrayList<>();

  private PackagedProgram(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "program-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts it with a server of its own. */
  static PackagedProgram start(Path directory, String... arguments) throws IOException {
    return start(directory, Map.of(), arguments);
  }

  /** Starts it on a database. */
  static PackagedProgram startOn(String url, Path directory, String... arguments)
      throws IOException {
    return start(directory, Map.of("WFE_DATABASE_URL", url), arguments);
  }

  private static PackagedProgram start(
      Path directory, Map<String, String> variables, String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // quick to start, which it does a dozen times
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                "dev.wfe.cli.Main")
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.command().addAll(List.of(arguments));
    builder.environment().remove("WFE_DATABASE_URL");
    builder.environment().putAll(variables);
    return new PackagedProgram(builder.start());
  }

  /** The jar and what it needs, with nothing from the directories that it was built of. */
  private static String classPath() throws IOException {
    Path target = Path.of("target").toAbsolutePath();
    Path jar;
    try (Stream<Path> files = Files.list(target)) {
      jar =
          files
              .filter(
                  file ->
                      file.getFileName().toString().matches("wfe-postgres-[^-]+(-SNAPSHOT)?\\.jar"))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("The program is not packaged"));
    }
    return Stream.concat(
            Stream.of(jar.toString()),
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).toAbsolutePath().startsWith(target)))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        said.add(line);
        lines.add(Optional.of(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lines.add(Optional.empty());
    }
  }

  /** Waits until it says that so many orders are complete; false if it ends before. */
  boolean awaitProgress(int orders, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Optional<String> line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null) {
        throw new AssertionError("No such progress in time; it said:\n" + output());
      }
      if (line.isEmpty()) {
        return false;
      }
      Matcher progress = PROGRESS.matcher(line.get());
      if (progress.matches() && Integer.parseInt(progress.group(1)) >= orders) {
        return true;
      }
    }
  }

  /** True if it ends within the time. */
  boolean awaitEnd(Duration time) throws InterruptedException {
    return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** As {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  int exitCode() {
    return process.exitValue();
  }

  String output() {
    return String.join("\n", said);
  }
}
