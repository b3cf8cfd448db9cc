package dev.wfe.postgres.internal.schema;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** A process that creates the store of a URL, with a connection pool as hosts have one. */
public final class MigrateProcess {
  private static final int POOL_SIZE = 2;

  private MigrateProcess() {}

  /** Sets up the store and ends; fails with a stack trace. */
  public static void main(String[] arguments) {
    migrate(arguments[0]);
  }

  static void migrate(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(POOL_SIZE);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      SchemaManager.migrate(pool, new StoreNames("wfc", ""));
    }
  }

  static Process start(String url, Path log) {
    try {
      return new ProcessBuilder(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx96m",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  MigrateProcess.class.getName(),
                  url))
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
