package dev.wfe.postgres.cdi;

import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanCreator;

/** Opens the store as the settings say. Thread-safe. */
public final class StoreCreator implements SyntheticBeanCreator<PostgresPersistenceProvider> {
  /** Called by the container. */
  public StoreCreator() {}

  @Override
  public PostgresPersistenceProvider create(Instance<Object> lookup, Parameters parameters) {
    return new StoreOpening(StoreSettings.found(), lookup).open();
  }
}
