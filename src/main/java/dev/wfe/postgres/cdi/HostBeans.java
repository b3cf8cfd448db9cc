package dev.wfe.postgres.cdi;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.host.Schedule;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanCreator;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanDisposer;
import jakarta.enterprise.util.TypeLiteral;
import org.jspecify.annotations.Nullable;

/** Creates and closes the host and the client that {@link ProviderExtension} adds. */
public final class HostBeans {
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

  private static PersistenceProvider provider(Instance<Object> lookup) {
    Instance<PostgresPersistenceProvider> own = lookup.select(PostgresPersistenceProvider.class);
    return own.isResolvable() ? own.get() : lookup.select(PersistenceProvider.class).get();
  }

  private static @Nullable ObjectMapper mapper(Instance<Object> lookup) {
    Instance<ObjectMapper> mappers = lookup.select(ObjectMapper.class);
    return mappers.isResolvable() ? mappers.get() : null;
  }
}
