package dev.wfe.postgres.internal.connection;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The options of a provider, checked; {@code PostgresOptions} says what each means. Immutable.
 *
 * @param names of schema and tables
 * @param poolSize of a pool that the provider opens
 * @param connectTimeout of a pool that the provider opens
 * @param statementTimeout after which a statement is cancelled; zero for no limit
 * @param retryTimeout after which an operation is not retried any more; zero for no retry
 * @param applicationName that the server shows
 * @param poolingProxy whether each transaction may run in another session
 * @param directUrl past a proxy
 */
public record ProviderSettings(
    StoreNames names,
    int poolSize,
    Duration connectTimeout,
    Duration statementTimeout,
    Duration retryTimeout,
    String applicationName,
    boolean poolingProxy,
    @Nullable String directUrl) {
  /** These settings with a pooling proxy before the database, or without. */
  public ProviderSettings withPoolingProxy(boolean proxy) {
    return new ProviderSettings(
        names,
        poolSize,
        connectTimeout,
        statementTimeout,
        retryTimeout,
        applicationName,
        proxy,
        directUrl);
  }

  /** Everything but the direct URL, which may hold a password. */
  @Override
  public String toString() {
    return "schema=%s, tablePrefix=%s, poolSize=%s, connectTimeout=%s, statementTimeout=%s, "
        .concat("retryTimeout=%s, applicationName=%s, poolingProxy=%s, directUrl=%s")
        .formatted(
            names.schema(),
            names.prefix(),
            poolSize,
            connectTimeout,
            statementTimeout,
            retryTimeout,
            applicationName,
            poolingProxy,
            directUrl == null ? "none" : "…");
  }
}
