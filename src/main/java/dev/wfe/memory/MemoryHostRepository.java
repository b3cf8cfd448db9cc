package dev.wfe.memory;

import static java.util.Comparator.comparing;

import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.HostChecks;
import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.HostRepository;
import dev.wfe.persistence.RegisteredHost;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** Hosts in memory. Thread-safe. */
final class MemoryHostRepository implements HostRepository {
  private static final Comparator<RegisteredHost> LATEST_EXPIRY_FIRST =
      comparing(RegisteredHost::expiresAt).thenComparing(RegisteredHost::id).reversed();

  private final MemoryTables tables;

  MemoryHostRepository(MemoryTables tables) {
    this.tables = tables;
  }

  @Override
  public void registerHost(HostRegistration host) {
    HostChecks.check(host);
    tables.atomically(
        () -> {
          Instant now = tables.now();
          HostRow known = tables.hosts.get(host.id());
          tables.hosts.put(
              host.id(), known == null ? HostRow.first(host, now) : known.seen(host, now));
          removeOld(now.minus(Duration.ofDays(KEPT_DAYS)));
        });
  }

  private void removeOld(Instant until) {
    List<String> old =
        tables.hosts.all().stream()
            .filter(row -> row.expiresAt().isBefore(until))
            .map(row -> row.host().id())
            .limit(MAX_REMOVED)
            .toList();
    old.forEach(tables.hosts::remove);
  }

  @Override
  public boolean removeHost(String id) {
    HostChecks.checkRemoval(id);
    return tables.atomically(
        () -> {
          boolean isKnown = tables.hosts.get(id) != null;
          tables.hosts.remove(id);
          return isKnown;
        });
  }

  @Override
  public List<RegisteredHost> getHosts(int limit) {
    HostChecks.checkList(limit);
    return hosts(host -> true, limit);
  }

  @Override
  public List<RegisteredHost> getLiveHosts(DefinitionVersion definition, int limit) {
    HostChecks.checkList(definition, limit);
    return hosts(
        host ->
            host.live()
                && host.definitions().stream()
                    .anyMatch(hosted -> hosted.definition().equals(definition)),
        limit);
  }

  private List<RegisteredHost> hosts(Predicate<RegisteredHost> wanted, int limit) {
    return tables.atomically(
        () -> {
          Instant now = tables.now();
          return tables.hosts.all().stream()
              .map(row -> row.at(now))
              .filter(wanted)
              .sorted(LATEST_EXPIRY_FIRST)
              .limit(limit)
              .toList();
        });
  }
}
