package dev.wfe.memory;

import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.RegisteredHost;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A host, as it was registered first, and its last heartbeat. Immutable. */
record HostRow(HostRegistration host, Instant startedAt, Instant lastSeenAt, Instant expiresAt) {
  static HostRow first(HostRegistration host, Instant now) {
    Instant started = now.minus(host.age()).truncatedTo(ChronoUnit.MICROS);
    return new HostRow(host, started, now, expiry(host, now));
  }

  HostRow seen(HostRegistration again, Instant now) {
    return new HostRow(host, startedAt, now, expiry(again, now));
  }

  private static Instant expiry(HostRegistration host, Instant now) {
    return now.plus(host.validity()).truncatedTo(ChronoUnit.MICROS);
  }

  RegisteredHost at(Instant now) {
    return new RegisteredHost(
        host.id(),
        host.name(),
        host.version(),
        startedAt,
        lastSeenAt,
        expiresAt,
        expiresAt.isAfter(now),
        host.definitions());
  }
}
