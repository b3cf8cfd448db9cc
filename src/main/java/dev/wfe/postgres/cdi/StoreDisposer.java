package dev.wfe.postgres.cdi;

import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanDisposer;

/** Closes the store with the application. Thread-safe. */
public final class StoreDisposer implements SyntheticBeanDisposer<PostgresPersistenceProvider> {
  /** Called by the container. */
  public StoreDisposer() {}

  @Override
  public void dispose(
      PostgresPersistenceProvider provider, Instance<Object> lookup, Parameters parameters) {
    provider.close();
  }
}
