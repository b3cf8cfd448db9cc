package dev.wfe.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.SQLException;
import java.util.List;
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
    HikariConfig config = new HikariConfig();
    config.setPoolName(options.applicationName());
    config.setDataSource(connections);
    config.setMaximumPoolSize(options.poolSize());
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

  private static SQLException cause(PoolInitializationException failure) {
    return failure.getCause() instanceof SQLException error
        ? error
        : new SQLException(failure.getMessage(), failure);
  }
}
