package dev.wfe.postgres.testing;

import java.nio.file.Path;

/** The folder for files of this process. Each process that runs tests has another. */
public final class TestFolder {
  private static final Path PATH =
      Path.of(System.getProperty("wfe.test.folder", "target/fork-1")).toAbsolutePath();

  private TestFolder() {}

  /** A folder in it, which may not exist yet. */
  public static Path of(String name) {
    return PATH.resolve(name);
  }
}
