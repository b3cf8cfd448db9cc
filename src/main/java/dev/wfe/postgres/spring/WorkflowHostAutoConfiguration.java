package dev.wfe.postgres.spring;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.host.HostListener;
import dev.wfe.host.Schedule;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.persistence.PersistenceProvider;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.jackson.JacksonAutoConfiguration;
import org.springframework.boot.autoconfigure.thread.Threading;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Creates a {@link WorkflowClient} on the application's provider. If there are beans of the type
 * {@link Workflow}, also creates a {@link WorkflowHost} that executes them, stores the beans of the
 * type {@link Schedule}, and has all {@link HostListener} beans as listeners. The host starts last
 * when the application starts, and is closed first when it stops.
 *
 * <p>Creates no host if the application defines one, or if {@code wfe.host.enabled} is false. Then
 * the application can start workflows that others execute.
 */
@AutoConfiguration(after = {WfeAutoConfiguration.class, JacksonAutoConfiguration.class})
@ConditionalOnSingleCandidate(PersistenceProvider.class)
@EnableConfigurationProperties(HostProperties.class)
public class WorkflowHostAutoConfiguration {
  private static final String HOST = "wfeWorkflowHost";

  /** Called by Spring. */
  public WorkflowHostAutoConfiguration() {}

  /**
   * Does not depend on the definitions, so the services that they call can inject it. Stands before
   * the host, which is a client too.
   */
  @Bean
  @ConditionalOnMissingBean(WorkflowClient.class)
  WorkflowClient wfeWorkflowClient(
      PersistenceProvider provider, ObjectProvider<ObjectMapper> mappers) {
    ObjectMapper mapper = mappers.getIfUnique();
    return mapper == null ? WorkflowClient.over(provider) : WorkflowClient.over(provider, mapper);
  }

  @Bean(HOST)
  @Fallback
  @ConditionalOnBean(Workflow.class)
  @ConditionalOnMissingBean(WorkflowHost.class)
  @ConditionalOnProperty(name = "wfe.host.enabled", matchIfMissing = true)
  WorkflowHost wfeWorkflowHost(
      PersistenceProvider provider,
      ObjectProvider<Workflow<?>> definitions,
      ObjectProvider<Schedule<?>> schedules,
      ObjectProvider<ObjectMapper> mappers,
      ObjectProvider<HostListener> listeners,
      HostProperties properties,
      BeanFactory beans,
      Environment environment) {
    WorkflowHost.Builder host =
        WorkflowHost.builder(withTransactions(provider, beans))
            .workflows(definitions)
            .schedules(schedules)
            .lease(properties.lease())
            .polling(properties.polling().shortest(), properties.polling().longest())
            .closeTimeout(properties.closeTimeout())
            .watchInterval(properties.watchInterval())
            .retention(properties.retention().retention());
    listeners.orderedStream().forEach(host::listener);
    mappers.ifUnique(host::objectMapper);
    if (properties.workers() != null) {
      host.workers(properties.workers());
    }
    if (Threading.VIRTUAL.isActive(environment)) {
      host.executor(virtualThreads());
    }
    return host.build();
  }

  @Bean
  @ConditionalOnBean(name = HOST)
  SmartLifecycle wfeWorkflowHostLifecycle(@Qualifier(HOST) WorkflowHost host) {
    return new Lifecycle(host);
  }

  /** Steps run in Spring's transactions, unless the application defines the provider. */
  private static PersistenceProvider withTransactions(
      PersistenceProvider provider, BeanFactory beans) {
    WfeProperties properties = beans.getBeanProvider(WfeProperties.class).getIfUnique();
    return properties == null
        ? provider
        : new SpringTransactionProvider(
            provider,
            WfeAutoConfiguration.dataSource(beans, properties),
            beans.getBeanProvider(PlatformTransactionManager.class));
  }

  /** A virtual thread for each step. */
  private static ExecutorService virtualThreads() {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        0,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        new VirtualThreadTaskExecutor("wfe-worker-").getVirtualThreadFactory());
  }

  private static final class Lifecycle implements SmartLifecycle {
    private final WorkflowHost host;
    private volatile boolean running;

    Lifecycle(WorkflowHost host) {
      this.host = host;
    }

    @Override
    public void start() {
      host.start();
      running = true;
    }

    @Override
    public void stop() {
      running = false;
      host.close();
    }

    @Override
    public boolean isRunning() {
      return running;
    }
  }
}
