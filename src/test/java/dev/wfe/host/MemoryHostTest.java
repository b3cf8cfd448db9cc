package dev.wfe.host;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.persistence.PersistenceProvider;

/** Hosts on the in-memory provider. */
final class MemoryHostTest extends HostContract {
  @Override
  protected PersistenceProvider emptyStore() {
    return new InMemoryPersistenceProvider();
  }
}
