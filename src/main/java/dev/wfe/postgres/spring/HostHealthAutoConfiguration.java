package dev.wfe.postgres.spring;

import dev.wfe.host.WorkflowHost;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.health.CompositeHealthContributorConfiguration;
import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.actuate.health.HealthContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Adds the {@link WorkflowHost} beans to the health endpoint of Actuator as {@code wfe}, unless
 * {@code management.health.wfe.enabled} is false. It is not part of the groups for liveness and
 * readiness.
 */
@AutoConfiguration(after = WorkflowHostAutoConfiguration.class)
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(WorkflowHost.class)
public class HostHealthAutoConfiguration
    extends CompositeHealthContributorConfiguration<HostHealthIndicator, WorkflowHost> {
  /** Called by Spring. */
  public HostHealthAutoConfiguration() {
    super(HostHealthIndicator::new);
  }

  @Bean
  @ConditionalOnEnabledHealthIndicator("wfe")
  @ConditionalOnMissingBean(name = {"wfeHealthContributor", "wfeHealthIndicator"})
  HealthContributor wfeHealthContributor(ConfigurableListableBeanFactory beans) {
    return createContributor(beans, WorkflowHost.class);
  }
}
