package dev.wfe.postgres.cdi;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.host.HostListener;
import dev.wfe.host.Schedule;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.literal.NamedLiteral;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import org.jspecify.annotations.Nullable;

/**
 * Starts the host after the application's own observers of the start, and closes it before those of
 * the shutdown. Its injection points keep the beans that the host needs: containers remove beans
 * that nothing injects. Called by the container, in one thread.
 */
@Singleton
public class HostLifecycle {
  @Inject @Any Instance<WorkflowHost> hosts;
  @Inject @Any Instance<Workflow<?>> definitions;
  @Inject @Any Instance<Schedule<?>> schedules;
  @Inject Instance<ObjectMapper> mappers;
  @Inject @Any Instance<HostListener> listeners;
  @Inject Instance<PostgresPersistenceProvider> providers;

  private @Nullable WorkflowHost started;

  /** Called by the container. */
  HostLifecycle() {}

  void start(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) Startup event) {
    Instance<WorkflowHost> host = hosts.select(NamedLiteral.of(ProviderExtension.HOST));
    if (host.isResolvable() && CdiSettings.found().isHostEnabled()) {
      try {
        started = host.get();
        started.start();
      } catch (RuntimeException failure) {
        closeAfterFailure();
        throw failure;
      }
    }
  }

  /** A container does not dispose of its beans if the start of the application fails. */
  private void closeAfterFailure() {
    if (started != null) {
      started.close();
    }
    if (providers.isResolvable()) {
      providers.get().close();
    }
  }

  void stop(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) Shutdown event) {
    if (started != null) {
      started.close();
    }
  }
}
