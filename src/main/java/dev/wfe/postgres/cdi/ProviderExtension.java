package dev.wfe.postgres.cdi;

import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.build.compatible.spi.BeanInfo;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.Discovery;
import jakarta.enterprise.inject.build.compatible.spi.InjectionPointInfo;
import jakarta.enterprise.inject.build.compatible.spi.Registration;
import jakarta.enterprise.inject.build.compatible.spi.ScannedClasses;
import jakarta.enterprise.inject.build.compatible.spi.Synthesis;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanBuilder;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticComponents;
import jakarta.enterprise.inject.literal.NamedLiteral;
import jakarta.enterprise.lang.model.types.Type;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds a provider as a bean to an application that defines none, and a host if there are workflow
 * definitions.
 *
 * <ul>
 *   <li>{@link PersistenceProvider}, and each of its repositories that the application does not
 *       provide: application scoped.
 *   <li>{@link PostgresPersistenceProvider}, the same provider: a singleton, which is closed when
 *       the application stops.
 *   <li>{@link WorkflowClient}, unless the application provides it: application scoped.
 *   <li>{@link WorkflowHost}, if the application has beans of the type {@link Workflow} and
 *       provides no host: a singleton, which executes these definitions while the application runs.
 *   <li>a {@code HealthCheck} for readiness, if there is a host and MicroProfile Health is present.
 * </ul>
 *
 * <p>If there is such a host, or one of the others is injected, the provider is opened with the
 * {@link CdiSettings} when the application starts. A missing or invalid setting makes the start
 * fail.
 *
 * <p>Not thread-safe: called by the container, in one thread.
 */
public final class ProviderExtension implements BuildCompatibleExtension {
  /** The name of the bean. */
  static final String HOST = "wfeWorkflowHost";

  private static final Logger LOG = LoggerFactory.getLogger(ProviderExtension.class);

  private static final List<Class<?>> INTERFACES =
      List.of(
          PersistenceProvider.class,
          WorkflowRepository.class,
          EventRepository.class,
          SubscriptionRepository.class,
          ScheduledCommandRepository.class);

  private final Set<String> provided = new HashSet<>();
  private final Set<String> injected = new HashSet<>();
  private boolean definesWorkflows;

  /** Called by the container. */
  public ProviderExtension() {}

  /** Adds the bean that starts and stops the host. Called by the container. */
  @Discovery
  public void addLifecycle(ScannedClasses classes) {
    classes.add(HostLifecycle.class.getName());
  }

  /** Records which of the types the application provides. Called by the container. */
  @Registration(
      types = {
        PersistenceProvider.class,
        WorkflowRepository.class,
        EventRepository.class,
        SubscriptionRepository.class,
        ScheduledCommandRepository.class,
        WorkflowClient.class,
        WorkflowHost.class
      })
  public void providesItself(BeanInfo bean) {
    bean.types().forEach(type -> addClasses(type, provided));
  }

  /**
   * Records which of the types the application injects, and whether it defines workflows. Called by
   * the container.
   */
  @Registration(types = Object.class)
  public void asksFor(BeanInfo bean) {
    if (isLifecycle(bean)) {
      return;
    }
    for (InjectionPointInfo point : bean.injectionPoints()) {
      addClasses(point.type(), injected);
    }
    definesWorkflows |= bean.types().stream().anyMatch(ProviderExtension::isDefinition);
  }

  private static boolean isLifecycle(BeanInfo bean) {
    return bean.isClassBean() && bean.declaringClass().name().equals(HostLifecycle.class.getName());
  }

  private static boolean isDefinition(Type type) {
    return type.isParameterizedType()
        && type.asParameterizedType()
            .genericClass()
            .declaration()
            .name()
            .equals(Workflow.class.getName());
  }

  /** Adds the name of the class, and of its type arguments, as in {@code Instance<…>}. */
  private static void addClasses(Type type, Set<String> names) {
    if (type.isClass()) {
      names.add(type.asClass().declaration().name());
    } else if (type.isParameterizedType()) {
      type.asParameterizedType().typeArguments().forEach(part -> addClasses(part, names));
    }
  }

  /** Adds the beans that are missing. Called by the container. */
  @Synthesis
  public void addBeans(SyntheticComponents components) {
    if (provided.contains(PersistenceProvider.class.getName())) {
      components.addObserver(Startup.class).observeWith(ProviderBeans.UnusedSettingsObserver.class);
    } else {
      addProvider(components);
    }
    addHost(components);
  }

  private void addProvider(SyntheticComponents components) {
    components
        .addBean(PostgresPersistenceProvider.class)
        .type(PostgresPersistenceProvider.class)
        .scope(Singleton.class)
        // Containers remove beans that are neither injected nor have a name.
        .name("wfePostgresPersistenceProvider")
        .createWith(ProviderBeans.Creator.class)
        .disposeWith(ProviderBeans.Disposer.class);
    SyntheticBeanBuilder<PersistenceProvider> provider =
        components
            .addBean(PersistenceProvider.class)
            .scope(ApplicationScoped.class)
            .createWith(ProviderBeans.InterfaceCreator.class);
    INTERFACES.stream().filter(type -> !provided.contains(type.getName())).forEach(provider::type);
    if (isAskedFor()) {
      components.addObserver(Startup.class).observeWith(ProviderBeans.StartupObserver.class);
    }
  }

  private void addHost(SyntheticComponents components) {
    if (!provided.contains(WorkflowClient.class.getName())) {
      components
          .addBean(WorkflowClient.class)
          .type(WorkflowClient.class)
          .scope(ApplicationScoped.class)
          .createWith(HostBeans.ClientCreator.class);
    }
    boolean providesHost = provided.contains(WorkflowHost.class.getName());
    if (definesWorkflows && !providesHost) {
      components
          .addBean(WorkflowHost.class)
          .type(WorkflowHost.class)
          .scope(Singleton.class)
          .name(HOST)
          .qualifier(Default.Literal.INSTANCE)
          .qualifier(NamedLiteral.of(HOST))
          .createWith(HostBeans.HostCreator.class)
          .disposeWith(HostBeans.Disposer.class);
    }
    if (definesWorkflows || providesHost) {
      addHealth(components);
    }
  }

  private static void addHealth(SyntheticComponents components) {
    try {
      HealthBeans.add(components);
    } catch (NoClassDefFoundError none) {
      LOG.debug("MicroProfile Health is not there, so no health check is added", none);
    }
  }

  private boolean isAskedFor() {
    return Stream.of(PostgresPersistenceProvider.class, WorkflowClient.class, WorkflowHost.class)
            .map(Class::getName)
            .anyMatch(injected::contains)
        || INTERFACES.stream()
            .map(Class::getName)
            .filter(name -> !provided.contains(name))
            .anyMatch(injected::contains);
  }
}
