package dev.wfe.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import javax.sql.DataSource;

/** Pools of our own. */
final class Pools {
  private Pools() {}

  /**
   * A pool whose connections commit by themselves and read what is committed. To make them do so is
   * to set it on the session, so behind a pooling proxy, where that would be anybody's, they have
   * to do it of themselves.
   */
  static FairPool over(DataSource connections, PostgresOptions options) {
    HikariConfig config = withDefaults();
    config.setPoolName(options.applicationName());
    config.setDataSource(connections);
    config.setMaximumPoolSize(options.poolSize());
    config.setMinimumIdle(options.poolSize());
    config.setConnectionTimeout(options.connectTimeout().toMillis());
    config.setValidationTimeout(
        Math.min(config.getValidationTimeout(), options.connectTimeout().toMillis()));
    config.setAutoCommit(true);
    if (!options.poolingProxy()) {
      config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    }
    try {
      return new FairPool(config);
    } catch (PoolInitializationException failure) {
      throw SqlErrors.connecting("connect", List.of(), cause(failure));
    }
  }

  /** HikariCP fills a new configuration from a file that a system property names. */
  private static HikariConfig withDefaults() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(null);
    config.setUsername(null);
    config.setPassword(null);
    config.setDataSourceClassName(null);
    config.setDataSourceJNDI(null);
    config.setDataSourceProperties(new Properties());
    config.setHealthCheckProperties(new Properties());
    config.setCatalog(null);
    config.setSchema(null);
    config.setConnectionInitSql(null);
    config.setConnectionTestQuery(null);
    config.setReadOnly(false);
    config.setIsolateInternalQueries(false);
    config.setAllowPoolSuspension(false);
    config.setRegisterMbeans(false);
    config.setTransactionIsolation(null);
    config.setInitializationFailTimeout(1);
    config.setValidationTimeout(Duration.ofSeconds(5).toMillis());
    config.setIdleTimeout(Duration.ofMinutes(10).toMillis());
    config.setKeepaliveTime(Duration.ofMinutes(2).toMillis());
    config.setMaxLifetime(Duration.ofMinutes(30).toMillis());
    config.setLeakDetectionThreshold(0);
    return config;
  }

  private static SQLException cause(PoolInitializationException failure) {
    return failure.getCause() instanceof SQLException error
        ? error
        : new SQLException(failure.getMessage(), failure);
  }
}
