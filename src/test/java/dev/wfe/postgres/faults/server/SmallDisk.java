package dev.wfe.postgres.faults.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system that is soon full. */
final class SmallDisk implements AutoCloseable {
  private static final int BLOCK = 4096;

  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Skips the test where this program may not mount one. */
  static SmallDisk mounted(int megabytes) throws IOException, InterruptedException {
    Path folder = Folders.make("disk");
    String problem =
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString());
    if (!problem.isEmpty()) {
      Folders.delete(folder);
    }
    assumeTrue(problem.isEmpty(), "A small disk needs the right to mount: " + problem);
    return new SmallDisk(folder);
  }

  /** What went wrong; empty for nothing. */
  private static String run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int result = process.waitFor();
      return result == 0 ? "" : "%s ended with %s: %s".formatted(command[0], result, said.strip());
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  Path folder() {
    return folder;
  }

  private Path ballast() {
    return folder.resolve("ballast");
  }

  /** Leaves no room at all. */
  void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast())) {
      while (true) {
        out.write(new byte[BLOCK]);
      }
    } catch (IOException full) {
      if (!String.valueOf(full.getMessage()).contains("No space left")) {
        throw full;
      }
    }
  }

  void makeSpace() throws IOException {
    Files.delete(ballast());
  }

  @Override
  public void close() throws IOException {
    try {
      String problem = run("umount", folder.toString());
      if (!problem.isEmpty()) {
        throw new IOException(problem);
      }
      Folders.delete(folder);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
