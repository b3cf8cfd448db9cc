package dev.wfe.postgres.cdi;

import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticObserver;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.enterprise.inject.spi.EventContext;

/** Opens the store as the application starts; or, if it is to be lazy, checks the settings. */
public final class StoreStart implements SyntheticObserver<Startup> {
  /** Called by the container. */
  public StoreStart() {}

  @Override
  public void observe(EventContext<Startup> event, Parameters parameters) {
    StoreSettings settings = StoreSettings.found();
    settings.check();
    if (!settings.isLazy()) {
      var unused = CDI.current().select(PostgresPersistenceProvider.class).get();
    }
  }
}
