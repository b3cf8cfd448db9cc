package shop;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** A PostgreSQL for the tests. */
public class Database implements QuarkusTestResourceLifecycleManager {
  private EmbeddedPostgres server;

  @Override
  public Map<String, String> start() {
    try {
      server = EmbeddedPostgres.start();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return Map.of(
        "quarkus.datasource.jdbc.url",
        "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(server.getPort()));
  }

  @Override
  public void stop() {
    try {
      server.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
