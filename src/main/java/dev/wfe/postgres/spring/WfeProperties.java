package dev.wfe.postgres.spring;

import dev.wfe.postgres.PostgresOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties under {@code wfe}.
 *
 * @param dataSource name of the bean that is the data source of the store; by default the only or
 *     primary data source
 * @param schema schema of the store's tables
 * @param tablePrefix prefix of the names of the store's tables
 * @param statementTimeout how long one statement may run before it is cancelled; zero for no limit
 * @param retryTimeout how long a transient failure outside a transaction is retried; zero for no
 *     retry
 * @param groupSize how many concurrent writes share a commit at most; 1 if each has its own
 * @param wakeUps whether hosts of other processes are told that work is due
 * @param transactionalWakeUps whether a transaction whose commit cannot be observed tells hosts
 * @param poolingProxy whether the data source connects to a proxy that assigns a session to each
 *     transaction, such as PgBouncer in transaction mode
 * @param directUrl URL for migration, validation and listening, which bypasses the pooling proxy
 * @param migrate whether to create or upgrade the store's tables at start
 * @param validate whether to compare the tables with the entities at start; the start fails if they
 *     differ
 */
@ConfigurationProperties("wfe")
record WfeProperties(
    @Nullable String dataSource,
    @DefaultValue("wfc") String schema,
    @DefaultValue("") String tablePrefix,
    @DefaultValue("30s") Duration statementTimeout,
    @DefaultValue("10s") Duration retryTimeout,
    @DefaultValue("128") int groupSize,
    @DefaultValue("true") boolean wakeUps,
    @DefaultValue("false") boolean transactionalWakeUps,
    @DefaultValue("false") boolean poolingProxy,
    @Nullable String directUrl,
    @DefaultValue("true") boolean migrate,
    @DefaultValue("false") boolean validate) {
  PostgresOptions options() {
    return PostgresOptions.builder()
        .schema(schema)
        .tablePrefix(tablePrefix)
        .statementTimeout(statementTimeout)
        .retryTimeout(retryTimeout)
        .groupSize(groupSize)
        .wakeUps(wakeUps)
        .transactionalWakeUps(transactionalWakeUps)
        .poolingProxy(poolingProxy)
        .directUrl(directUrl)
        .build();
  }
}
