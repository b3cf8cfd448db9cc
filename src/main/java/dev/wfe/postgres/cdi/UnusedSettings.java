package dev.wfe.postgres.cdi;

import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticObserver;
import jakarta.enterprise.inject.spi.EventContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that settings open no store where the application has a provider of its own. */
public final class UnusedSettings implements SyntheticObserver<Startup> {
  private static final Logger LOG = LoggerFactory.getLogger(UnusedSettings.class);

  /** Called by the container. */
  public UnusedSettings() {}

  @Override
  public void observe(EventContext<Startup> event, Parameters parameters) {
    StoreSettings.found()
        .places()
        .forEach(
            key ->
                LOG.warn(
                    "{} is set, but opens no store: the application has a PersistenceProvider bean"
                        + " of its own, which is used. Remove the setting, or that bean.",
                    key));
  }
}
