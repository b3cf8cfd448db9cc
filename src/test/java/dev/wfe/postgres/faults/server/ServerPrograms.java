package dev.wfe.postgres.faults.server;

import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs of one PostgreSQL.
 *
 * @param folder where they are
 */
public record ServerPrograms(Path folder) {
  private static final List<Path> PARENTS =
      List.of(Path.of("/usr/lib/postgresql"), Path.of("/usr"), Path.of("/opt/homebrew/opt"));

  /** Those that are installed, if they can copy a running server. */
  public static Optional<ServerPrograms> ofTheSystem() throws IOException, InterruptedException {
    List<Path> folders = new ArrayList<>();
    said("pg_config", "--bindir").map(Path::of).ifPresent(folders::add);
    Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .filter(entry -> !entry.isEmpty())
        .map(Path::of)
        .forEach(folders::add);
    for (Path parent : PARENTS) {
      if (Files.isDirectory(parent)) {
        try (Stream<Path> children = Files.list(parent)) {
          children
              .sorted(Comparator.reverseOrder())
              .map(child -> child.resolve("bin"))
              .forEach(folders::add);
        }
      }
    }
    return folders.stream()
        .map(ServerPrograms::new)
        .filter(ServerPrograms::areComplete)
        .findFirst();
  }

  private boolean areComplete() {
    return Stream.of("initdb", "pg_ctl", "postgres", "pg_basebackup")
        .allMatch(program -> Files.isExecutable(folder.resolve(program)));
  }

  private static Optional<String> said(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 && !said.isEmpty() ? Optional.of(said) : Optional.empty();
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  /** Runs a program to its end. */
  void run(Path log, String program, Object... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (LinuxUtils.isUnshareAvailable()) {
      // They refuse to run as root; in a user namespace of their own they are somebody else.
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(folder.resolve(program).toString());
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    int result =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log.toFile()))
            .start()
            .waitFor();
    if (result != 0) {
      throw new IOException(
          "%s ended with %s:%n%s".formatted(command, result, Files.readString(log)));
    }
  }
}
