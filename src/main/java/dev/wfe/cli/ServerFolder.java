package dev.wfe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where an {@link EmbeddedServer} keeps its things. Immutable. */
record ServerFolder(Path root) {
  /** The real path, because processes are recognised by the path of their program. */
  static ServerFolder at(Path folder) throws IOException {
    Files.createDirectories(folder);
    return new ServerFolder(folder.toRealPath());
  }

  Path lock() {
    return root.resolve("lock");
  }

  Path log() {
    return root.resolve("postgres.log");
  }

  Path data() {
    return root.resolve("data");
  }

  /** Exists once the server has started on the data for the first time. */
  Path dataIsComplete() {
    return data().resolve("wfe-complete");
  }

  private Path postmasterPid() {
    return data().resolve("postmaster.pid");
  }

  /** Holds one folder per version of the binaries. */
  Path binaries() {
    return root.resolve("postgres");
  }

  /** The process that the server's own note names, alive or not. */
  Optional<Long> notedPid() throws IOException {
    try (Stream<String> lines = Files.lines(postmasterPid())) {
      return lines
          .findFirst()
          .map(String::trim)
          .filter(s -> s.matches("\\d{1,18}"))
          .map(Long::valueOf);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  void forgetNotedPid() throws IOException {
    Files.deleteIfExists(postmasterPid());
  }

  Optional<Path> pgCtl() throws IOException {
    return versions().stream()
        .flatMap(version -> Stream.of("bin/pg_ctl", "bin/pg_ctl.exe").map(version::resolve))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** True when a start will have to unpack the binaries first. */
  boolean needsUnpacking() throws IOException {
    return versions().stream().noneMatch(ServerFolder::isUnpacked);
  }

  /** Removes what was left half made by a program that was killed at it. */
  void removeHalfMade() throws IOException {
    for (Path version : versions()) {
      if (!isUnpacked(version)) {
        delete(version);
      }
    }
    if (!Files.exists(dataIsComplete())) {
      delete(data());
    }
  }

  /** The library that unpacks leaves this file when it is done. */
  private static boolean isUnpacked(Path version) {
    return Files.exists(version.resolve(".exists"));
  }

  private List<Path> versions() throws IOException {
    if (!Files.isDirectory(binaries())) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(binaries())) {
      return children.sorted().toList();
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(tree)) {
      for (Path path : walk.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }
}
