package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.StoreSetupException;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;

/** Opens sessions of a factory, which somebody may have closed. Thread-safe. */
final class Sessions {
  private final SessionFactory factory;

  Sessions(SessionFactory factory) {
    this.factory = factory;
  }

  StatelessSession open() {
    try {
      return factory.openStatelessSession();
    } catch (IllegalStateException closed) {
      throw new StoreSetupException("The EntityManagerFactory is closed", closed);
    }
  }
}
