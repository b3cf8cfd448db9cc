package dev.wfe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The files and folders of an {@link EmbeddedServer}. Immutable. */
record ServerFolder(Path root) {
  /** Resolves the real path, because processes are recognised by the path of their program. */
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

  /** A file that exists after the server has started on the data for the first time. */
  Path dataIsComplete() {
    return data().resolve("wfe-complete");
  }

  private Path postmasterPid() {
    return data().resolve("postmaster.pid");
  }

  /** Contains one folder for each version of the binaries. */
  Path binaries() {
    return root.resolve("postgres");
  }

  /** The process id in the server's pid file; the process may have ended. */
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

  /** True if a start has to unpack the binaries first. */
  boolean needsUnpacking() throws IOException {
    return versions().stream().noneMatch(ServerFolder::isUnpacked);
  }

  /** Deletes what a killed program left incomplete. */
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

  /** The library that unpacks creates this file when it has finished. */
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
