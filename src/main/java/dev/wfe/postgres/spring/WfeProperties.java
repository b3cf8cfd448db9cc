package dev.wfe.postgres.spring;

import dev.wfe.postgres.PostgresOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What an application says under {@code wfe}.
 *
 * @param dataSource name of the bean that is the data source of the store; the only or primary data
 *     source if it is absent
 * @param schema schema that holds the store's tables
 * @param tablePrefix what the name of every table of the store starts with
 * @param statementTimeout how long one statement may run before it is cancelled; zero for no limit
 * @param retryTimeout for how long a call outside of a transaction is tried again after a failure
 *     that passes; zero for no second try
 * @param poolingProxy whether the data source connects to a proxy that hands each transaction to
 *     another session, as PgBouncer does in transaction mode
 * @param directUrl where migrating and validating connect, past the pooling proxy
 * @param migrate whether to create or upgrade the store's tables at start
 * @param validate whether to compare the tables with what is expected at start, and refuse to start
 *     if they differ
 */
@ConfigurationProperties("wfe")
record WfeProperties(
    @Nullable String dataSource,
    @DefaultValue("wfc") String schema,
    @DefaultValue("") String tablePrefix,
    @DefaultValue("30s") Duration statementTimeout,
    @DefaultValue("10s") Duration retryTimeout,
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
        .poolingProxy(poolingProxy)
        .directUrl(directUrl)
        .build();
  }
}
