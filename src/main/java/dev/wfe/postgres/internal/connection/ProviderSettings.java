package dev.wfe.postgres.internal.connection;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The validated options of a provider; {@code PostgresOptions} documents each. Immutable.
 *
 * @param names the names of schema and tables
 * @param poolSize the number of connections of a pool that the provider opens
 * @param connectTimeout the limit for getting a connection from that pool
 * @param statementTimeout the limit after which a statement is cancelled; zero for no limit
 * @param retryTimeout the limit after which an operation is no longer retried; zero for no retry
 * @param groupSize the number of concurrent writes that share a commit at most
 * @param wakeUps whether hosts of other processes are told that work is due
 * @param transactionalWakeUps whether a transaction whose commit cannot be observed tells hosts
 * @param applicationName the name that the server shows for the sessions
 * @param poolingProxy whether a pooling proxy may run each transaction in another session
 * @param directUrl the URL of the database that bypasses the proxy, or null
 */
public record ProviderSettings(
    StoreNames names,
    int poolSize,
    Duration connectTimeout,
    Duration statementTimeout,
    Duration retryTimeout,
    int groupSize,
    boolean wakeUps,
    boolean transactionalWakeUps,
    String applicationName,
    boolean poolingProxy,
    @Nullable String directUrl) {
  /** Returns these settings with {@code poolingProxy} set to the value. */
  public ProviderSettings withPoolingProxy(boolean proxy) {
    return new ProviderSettings(
        names,
        poolSize,
        connectTimeout,
        statementTimeout,
        retryTimeout,
        groupSize,
        wakeUps,
        transactionalWakeUps,
        applicationName,
        proxy,
        directUrl);
  }

  /** Hides the direct URL, which may contain a password. */
  @Override
  public String toString() {
    return "schema=%s, tablePrefix=%s, poolSize=%s, connectTimeout=%s, statementTimeout=%s, "
        .concat(
            "retryTimeout=%s, groupSize=%s, wakeUps=%s, transactionalWakeUps=%s, "
                + "applicationName=%s, poolingProxy=%s, directUrl=%s")
        .formatted(
            names.schema(),
            names.prefix(),
            poolSize,
            connectTimeout,
            statementTimeout,
            retryTimeout,
            groupSize,
            wakeUps,
            transactionalWakeUps,
            applicationName,
            poolingProxy,
            directUrl == null ? "none" : "…");
  }
}
