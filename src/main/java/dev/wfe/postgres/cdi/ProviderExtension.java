package dev.wfe.postgres.cdi;

import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.build.compatible.spi.BeanInfo;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.InjectionPointInfo;
import jakarta.enterprise.inject.build.compatible.spi.Registration;
import jakarta.enterprise.inject.build.compatible.spi.Synthesis;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanBuilder;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticComponents;
import jakarta.enterprise.lang.model.types.Type;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Adds a provider as a bean to an application that defines none.
 *
 * <ul>
 *   <li>{@link PersistenceProvider}, and each of its repositories that the application does not
 *       provide: application scoped.
 *   <li>{@link PostgresPersistenceProvider}, the same provider: a singleton, which is closed when
 *       the application stops.
 * </ul>
 *
 * <p>If one of them is injected, the provider is opened with the {@link CdiSettings} when the
 * application starts. A missing or invalid setting makes the start fail.
 *
 * <p>Not thread-safe: called by the container, in one thread.
 */
public final class ProviderExtension implements BuildCompatibleExtension {
  private static final List<Class<?>> INTERFACES =
      List.of(
          PersistenceProvider.class,
          WorkflowRepository.class,
          EventRepository.class,
          SubscriptionRepository.class,
          ScheduledCommandRepository.class);

  private final Set<String> provided = new HashSet<>();
  private final Set<String> injected = new HashSet<>();

  /** Called by the container. */
  public ProviderExtension() {}

  /** Records which of the types the application provides. Called by the container. */
  @Registration(
      types = {
        PersistenceProvider.class,
        WorkflowRepository.class,
        EventRepository.class,
        SubscriptionRepository.class,
        ScheduledCommandRepository.class
      })
  public void providesItself(BeanInfo bean) {
    bean.types().forEach(type -> addClasses(type, provided));
  }

  /** Records which of the types the application injects. Called by the container. */
  @Registration(types = Object.class)
  public void asksFor(BeanInfo bean) {
    for (InjectionPointInfo point : bean.injectionPoints()) {
      addClasses(point.type(), injected);
    }
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
      return;
    }
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

  private boolean isAskedFor() {
    return injected.contains(PostgresPersistenceProvider.class.getName())
        || INTERFACES.stream()
            .map(Class::getName)
            .filter(name -> !provided.contains(name))
            .anyMatch(injected::contains);
  }
}
