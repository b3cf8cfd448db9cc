package dev.wfe.postgres.cdi;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanCreator;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanDisposer;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticObserver;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.enterprise.inject.spi.EventContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates and closes the beans that {@link ProviderExtension} adds. */
public final class ProviderBeans {
  private ProviderBeans() {}

  /** Opens the provider that the settings describe. Thread-safe. */
  public static final class Creator implements SyntheticBeanCreator<PostgresPersistenceProvider> {
    /** Called by the container. */
    public Creator() {}

    @Override
    public PostgresPersistenceProvider create(Instance<Object> lookup, Parameters parameters) {
      return new ProviderOpener(CdiSettings.found(), lookup).open();
    }
  }

  /** Returns the opened provider as an interface, which a container can proxy. Thread-safe. */
  public static final class InterfaceCreator implements SyntheticBeanCreator<PersistenceProvider> {
    /** Called by the container. */
    public InterfaceCreator() {}

    @Override
    public PersistenceProvider create(Instance<Object> lookup, Parameters parameters) {
      return lookup.select(PostgresPersistenceProvider.class).get();
    }
  }

  /** Closes the provider with the application. Thread-safe. */
  public static final class Disposer implements SyntheticBeanDisposer<PostgresPersistenceProvider> {
    /** Called by the container. */
    public Disposer() {}

    @Override
    public void dispose(
        PostgresPersistenceProvider provider, Instance<Object> lookup, Parameters parameters) {
      provider.close();
    }
  }

  /** Opens the provider when the application starts. If it is lazy, only checks the settings. */
  public static final class StartupObserver implements SyntheticObserver<Startup> {
    /** Called by the container. */
    public StartupObserver() {}

    @Override
    public void observe(EventContext<Startup> event, Parameters parameters) {
      CdiSettings settings = CdiSettings.found();
      settings.check();
      if (!settings.isLazy()) {
        var unused = CDI.current().select(PostgresPersistenceProvider.class).get();
      }
    }
  }

  /** Warns that settings are not used if the application defines a provider. */
  public static final class UnusedSettingsObserver implements SyntheticObserver<Startup> {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderBeans.class);

    /** Called by the container. */
    public UnusedSettingsObserver() {}

    @Override
    public void observe(EventContext<Startup> event, Parameters parameters) {
      CdiSettings.found()
          .places()
          .forEach(
              key ->
                  LOG.warn(
                      "{} is set but not used, because the application defines a"
                          + " PersistenceProvider bean. Remove the setting or the bean.",
                      key));
    }
  }
}
