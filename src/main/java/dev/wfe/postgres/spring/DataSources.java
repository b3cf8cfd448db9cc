package dev.wfe.postgres.spring;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/** Finds the data source behind Spring's wrappers. */
final class DataSources {
  private DataSources() {}

  /** A data source whose connections do not take part in the thread's transaction. */
  static DataSource withoutTransactions(DataSource dataSource) {
    return dataSource instanceof TransactionAwareDataSourceProxy proxy
            && proxy.getTargetDataSource() != null
        ? proxy.getTargetDataSource()
        : dataSource;
  }

  static boolean same(@Nullable DataSource one, DataSource other) {
    return one != null && target(one) == target(other);
  }

  private static DataSource target(DataSource dataSource) {
    DataSource target = dataSource;
    while (target instanceof DelegatingDataSource wrapper
        && wrapper.getTargetDataSource() != null) {
      target = wrapper.getTargetDataSource();
    }
    return target;
  }
}
