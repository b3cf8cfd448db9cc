package dev.wfe.postgres;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closing that goes on to the next thing, whatever happens. */
final class Closing {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresPersistenceProvider.class);

  private Closing() {}

  static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception failure) {
      LOG.warn("{} could not be closed", resource.getClass().getName(), failure);
    }
  }
}
