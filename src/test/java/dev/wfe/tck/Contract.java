package dev.wfe.tck;

import dev.wfe.persistence.PersistenceProvider;

/** What all contracts have in common. */
public abstract class Contract {
  /** The store that is held to the contract; asked for by each test, so it may be shared. */
  protected abstract StoreUnderTest store();

  final PersistenceProvider provider() {
    return store().provider();
  }

  final PersistenceProvider anotherHost() {
    return store().anotherHost();
  }

  /** By turns the one and the other host, as load would be spread over them. */
  final PersistenceProvider host(int number) {
    return number % 2 == 0 ? provider() : anotherHost();
  }
}
