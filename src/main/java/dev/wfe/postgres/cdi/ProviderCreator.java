package dev.wfe.postgres.cdi;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanCreator;

/** The opened store by its interfaces, which a container can put a proxy before. Thread-safe. */
public final class ProviderCreator implements SyntheticBeanCreator<PersistenceProvider> {
  /** Called by the container. */
  public ProviderCreator() {}

  @Override
  public PersistenceProvider create(Instance<Object> lookup, Parameters parameters) {
    return lookup.select(PostgresPersistenceProvider.class).get();
  }
}
