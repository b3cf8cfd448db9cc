package dev.wfe.postgres.cdi;

import dev.wfe.host.HostHealth;
import dev.wfe.host.WorkflowHost;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanCreator;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticComponents;
import jakarta.enterprise.inject.literal.NamedLiteral;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** The health check that {@link ProviderExtension} adds if MicroProfile Health is present. */
public final class HealthBeans {
  private static final String NAME = "wfe";

  private HealthBeans() {}

  static void add(SyntheticComponents components) {
    components
        .addBean(HealthCheck.class)
        .type(HealthCheck.class)
        .scope(ApplicationScoped.class)
        .qualifier(Readiness.Literal.INSTANCE)
        // Containers remove beans that are neither injected nor have a name.
        .name("wfeHealthCheck")
        .createWith(Creator.class);
  }

  /** Creates the check. Thread-safe. */
  public static final class Creator implements SyntheticBeanCreator<HealthCheck> {
    /** Called by the container. */
    public Creator() {}

    @Override
    public HealthCheck create(Instance<Object> lookup, Parameters parameters) {
      Instance<WorkflowHost> hosts = lookup.select(WorkflowHost.class, Any.Literal.INSTANCE);
      boolean isSwitchedOff =
          hosts.select(NamedLiteral.of(ProviderExtension.HOST)).isResolvable()
              && !CdiSettings.found().isHostEnabled();
      return isSwitchedOff ? HealthBeans::switchedOff : () -> check(hosts);
    }
  }

  /** A host that is switched off is not created for the check. */
  private static HealthCheckResponse switchedOff() {
    return HealthCheckResponse.named(NAME).up().withData("enabled", false).build();
  }

  /** Up if each host is ready. */
  private static HealthCheckResponse check(Instance<WorkflowHost> hosts) {
    HealthCheckResponseBuilder response = HealthCheckResponse.named(NAME);
    boolean isReady = true;
    for (WorkflowHost host : hosts) {
      HostHealth health = host.health();
      isReady &= health.isReady();
      health.details().forEach(response::withData);
    }
    return response.status(isReady).build();
  }
}
