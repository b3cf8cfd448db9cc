package dev.wfe.postgres.spring;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import javax.sql.DataSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.transaction.jta.JtaAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.ConnectionHolder;

/**
 * Creates a provider on the application's data source: the data source that {@code wfe.data-source}
 * names, or else the only or primary one. Its operations join the thread's Spring transactions on
 * that data source; see {@link SpringTransactions}. The tables are created after the application's
 * own migrations and before Hibernate validates them.
 *
 * <p>Creates no provider if the application defines a {@link PersistenceProvider}, if an embedded
 * database replaces PostgreSQL, as in test slices, or under JTA. Under JTA define a bean with
 * {@link PostgresPersistenceProvider#overJta(DataSource)}.
 */
@AutoConfiguration(after = {DataSourceAutoConfiguration.class, JtaAutoConfiguration.class})
@ConditionalOnClass({DataSource.class, ConnectionHolder.class})
@Conditional(WfeAutoConfiguration.OnDataSource.class)
@ConditionalOnMissingBean(
    value = PersistenceProvider.class,
    type = {
      "org.springframework.transaction.jta.JtaTransactionManager",
      "org.springframework.jdbc.datasource.embedded.EmbeddedDatabase"
    })
@EnableConfigurationProperties(WfeProperties.class)
@Import(DatabaseInitializationDependencyConfigurer.class)
public class WfeAutoConfiguration {
  static final String PROVIDER = "wfePersistenceProvider";
  private static final String DATA_SOURCE = "wfe.data-source";

  /** Called by Spring. */
  public WfeAutoConfiguration() {}

  /** Whether the data source is unambiguous. */
  static final class OnDataSource extends AnyNestedCondition {
    OnDataSource() {
      super(ConfigurationPhase.REGISTER_BEAN);
    }

    @ConditionalOnProperty(DATA_SOURCE)
    static final class Named {}

    @ConditionalOnSingleCandidate(DataSource.class)
    static final class Single {}
  }

  @Bean(PROVIDER)
  PostgresPersistenceProvider wfePersistenceProvider(BeanFactory beans, WfeProperties properties) {
    PostgresPersistenceProvider provider =
        SpringTransactions.over(dataSource(beans, properties), properties.options());
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

  /** The data source of the store. */
  static DataSource dataSource(BeanFactory beans, WfeProperties properties) {
    String name = properties.dataSource();
    return name == null ? beans.getBean(DataSource.class) : beans.getBean(name, DataSource.class);
  }
}
