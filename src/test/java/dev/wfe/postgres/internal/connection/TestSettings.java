package dev.wfe.postgres.internal.connection;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.time.Duration;

/** Settings as {@code PostgresOptions} would give them. */
final class TestSettings {
  private TestSettings() {}

  static ProviderSettings of(int poolSize, Duration connectTimeout, boolean poolingProxy) {
    return new ProviderSettings(
        new StoreNames("wfc", ""),
        poolSize,
        connectTimeout,
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        128,
        true,
        false,
        "app",
        poolingProxy,
        null);
  }
}
