package dev.wfe.postgres.spring;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.transaction.jta.JtaAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.ConnectionHolder;

/**
 * A store over the application's data source. Its verbs are part of the transaction that Spring
 * keeps for the thread, be it an entity manager's of any persistence unit on that data source or a
 * connection's; where there is none, each commits by itself. The tables are made after the
 * application's own migrations, before the first verb, and before Hibernate looks at them.
 *
 * <p>Backs off where the application has a {@link PersistenceProvider} of its own, and under JTA,
 * where one that {@link PostgresPersistenceProvider#overJta(DataSource)} gives is to be defined.
 */
@AutoConfiguration(after = {DataSourceAutoConfiguration.class, JtaAutoConfiguration.class})
@ConditionalOnClass({DataSource.class, ConnectionHolder.class})
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnMissingBean(
    value = PersistenceProvider.class,
    type = "org.springframework.transaction.jta.JtaTransactionManager")
@EnableConfigurationProperties(WfeProperties.class)
@Import(DatabaseInitializationDependencyConfigurer.class)
public class WfeAutoConfiguration {
  static final String PROVIDER = "wfePersistenceProvider";

  /** For Spring. */
  public WfeAutoConfiguration() {}

  @Bean(PROVIDER)
  PostgresPersistenceProvider wfePersistenceProvider(
      DataSource dataSource, WfeProperties properties) {
    DataSource target = DataSources.withoutTransactions(dataSource);
    PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.over(
            target, new ThreadsTransaction(target), properties.options());
    try {
      if (properties.migrate()) {
        provider.ensureStoreExists();
      }
      if (properties.validate()) {
        provider.validateStore();
      }
      return provider;
    } catch (RuntimeException failure) {
      provider.close();
      throw failure;
    }
  }
}
