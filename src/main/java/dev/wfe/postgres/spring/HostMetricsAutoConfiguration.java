package dev.wfe.postgres.spring;

import dev.wfe.host.WorkflowHost;
import dev.wfe.metrics.HostMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/**
 * Counts what the {@link WorkflowHost} of {@link WorkflowHostAutoConfiguration} does, if there is a
 * meter registry, as with the starter for Actuator.
 */
@AutoConfiguration(
    before = WorkflowHostAutoConfiguration.class,
    afterName =
        "org.springframework.boot.actuate.autoconfigure.metrics"
            + ".CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnSingleCandidate(MeterRegistry.class)
public class HostMetricsAutoConfiguration {
  /** Called by Spring. */
  public HostMetricsAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  HostMetrics wfeHostMetrics(MeterRegistry registry) {
    return new HostMetrics(registry);
  }
}
