package dev.wfe.host;

import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The row by which others see that a host is live. Its failures never reach the host: they are
 * logged. One thread at a time sends heartbeats; another one may end them.
 */
final class Presence {
  /** The pause between two heartbeats; with the jitter of {@link Pace}, 32 to 48 seconds. */
  static final Duration INTERVAL = Duration.ofSeconds(40);

  /** One heartbeat may be missed. */
  static final Duration VALIDITY = Duration.ofMinutes(2);

  private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
  private static final @Nullable String VERSION =
      Presence.class.getPackage().getImplementationVersion();

  private final PersistenceProvider provider;
  private final String id = Ids.next();
  private final String name;
  private final Duration validity;
  private final List<HostedDefinition> definitions;
  private volatile @Nullable Long begun;
  private boolean failing;

  Presence(PersistenceProvider provider, String name, Duration validity, Definitions definitions) {
    this.provider = provider;
    this.name = name;
    this.validity = validity;
    this.definitions =
        definitions.versions().stream()
            .map(
                version -> {
                  ClaimLimits limits = definitions.limits().get(version.definitionId());
                  return limits == null
                      ? new HostedDefinition(version)
                      : new HostedDefinition(version, limits);
                })
            .toList();
  }

  /** Sends a heartbeat. A failure is logged, and a warning only if the last one succeeded. */
  void sendHeartbeat() {
    long now = System.nanoTime();
    long start = Objects.requireNonNullElse(begun, now);
    begun = start;
    try {
      provider.registerHost(
          new HostRegistration(
              id, name, VERSION, Duration.ofNanos(now - start), validity, definitions));
      failing = false;
    } catch (RuntimeException failure) {
      if (failing) {
        LOG.debug("Host {} still cannot register itself", name, failure);
      } else {
        LOG.warn(
            "Host {} cannot register itself; others may see it as not live. It goes on",
            name,
            failure);
      }
      failing = true;
    }
  }

  /** Ends as the given ending does, and then removes the row. */
  Lifecycle.Ending endingAfter(Lifecycle.Ending work) {
    return new Lifecycle.Ending() {
      @Override
      public void drain() {
        work.drain();
      }

      @Override
      public void leave() {
        work.leave();
      }

      @Override
      public void giveBack() {
        try {
          work.giveBack();
        } finally {
          remove();
        }
      }
    };
  }

  private void remove() {
    if (begun != null) {
      try {
        boolean unused = provider.removeHost(id);
      } catch (RuntimeException failure) {
        LOG.debug("The row of host {} could not be removed; it expires", name, failure);
      }
    }
  }
}
