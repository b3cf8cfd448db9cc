package dev.wfe.postgres.spring;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Tells the provider when a Spring transaction has ended, so that operations in callbacks after the
 * commit or rollback run in transactions of their own. Applies to every transaction manager that is
 * a bean.
 */
@AutoConfiguration
@ConditionalOnClass({ConnectionHolder.class, TransactionExecutionListener.class})
public class TransactionPhasesAutoConfiguration {
  /** Called by Spring. */
  public TransactionPhasesAutoConfiguration() {}

  @Bean
  static BeanPostProcessor wfeTransactionPhases() {
    return new Listening();
  }

  private static final class Listening implements BeanPostProcessor {
    private final TransactionPhases phases = new TransactionPhases();

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
      if (bean instanceof ConfigurableTransactionManager manager) {
        manager.addListener(phases);
      }
      return bean;
    }
  }
}
