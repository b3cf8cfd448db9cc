package dev.wfe.postgres.cdi;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.host.HostListener;
import dev.wfe.host.Schedule;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.metrics.HostMetrics;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanCreator;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanDisposer;
import jakarta.enterprise.util.TypeLiteral;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates and closes the host and the client that {@link ProviderExtension} adds. */
public final class HostBeans {
  private static final Logger LOG = LoggerFactory.getLogger(HostBeans.class);

  private HostBeans() {}

  /** Creates a host of all definitions and schedules that are beans. Thread-safe. */
  public static final class HostCreator implements SyntheticBeanCreator<WorkflowHost> {
    /** Called by the container. */
    public HostCreator() {}

    @Override
    public WorkflowHost create(Instance<Object> lookup, Parameters parameters) {
      WorkflowHost.Builder host =
          WorkflowHost.builder(provider(lookup))
              .workflows(lookup.select(new TypeLiteral<Workflow<?>>() {}, Any.Literal.INSTANCE))
              .schedules(lookup.select(new TypeLiteral<Schedule<?>>() {}, Any.Literal.INSTANCE));
      CdiSettings.found().apply(host);
      lookup.select(HostListener.class, Any.Literal.INSTANCE).forEach(host::listener);
      addMetrics(host, lookup);
      ObjectMapper mapper = mapper(lookup);
      if (mapper != null) {
        host.objectMapper(mapper);
      }
      return host.build();
    }
  }

  /** Creates a client. It does not depend on the definitions. Thread-safe. */
  public static final class ClientCreator implements SyntheticBeanCreator<WorkflowClient> {
    /** Called by the container. */
    public ClientCreator() {}

    @Override
    public WorkflowClient create(Instance<Object> lookup, Parameters parameters) {
      ObjectMapper mapper = mapper(lookup);
      return mapper == null
          ? WorkflowClient.over(provider(lookup))
          : WorkflowClient.over(provider(lookup), mapper);
    }
  }

  /** Closes the host, if nothing else has. Thread-safe. */
  public static final class Disposer implements SyntheticBeanDisposer<WorkflowHost> {
    /** Called by the container. */
    public Disposer() {}

    @Override
    public void dispose(WorkflowHost host, Instance<Object> lookup, Parameters parameters) {
      host.close();
    }
  }

  /** Counts with Micrometer if there is a registry. */
  private static void addMetrics(WorkflowHost.Builder host, Instance<Object> lookup) {
    try {
      Meters.add(host, lookup);
    } catch (NoClassDefFoundError none) {
      LOG.debug("Micrometer is not there, so nothing is counted", none);
    }
  }

  /** Loaded only if Micrometer is present. */
  private static final class Meters {
    static void add(WorkflowHost.Builder host, Instance<Object> lookup) {
      Instance<MeterRegistry> registries = lookup.select(MeterRegistry.class);
      boolean isCounted = !lookup.select(HostMetrics.class, Any.Literal.INSTANCE).isUnsatisfied();
      if (registries.isResolvable() && !isCounted) {
        host.listener(new HostMetrics(registries.get()));
      }
    }
  }

  private static PersistenceProvider provider(Instance<Object> lookup) {
    Instance<PostgresPersistenceProvider> own = lookup.select(PostgresPersistenceProvider.class);
    return own.isResolvable() ? own.get() : lookup.select(PersistenceProvider.class).get();
  }

  private static @Nullable ObjectMapper mapper(Instance<Object> lookup) {
    Instance<ObjectMapper> mappers = lookup.select(ObjectMapper.class);
    return mappers.isResolvable() ? mappers.get() : null;
  }
}
