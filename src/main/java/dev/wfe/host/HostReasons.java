package dev.wfe.host;

import dev.wfe.host.Explanation.KnownTo;
import dev.wfe.host.Explanation.LimitKind;
import dev.wfe.host.Explanation.LimitReached;
import dev.wfe.host.Explanation.NoLiveHost;
import dev.wfe.host.Explanation.Reason;
import dev.wfe.host.Explanation.UnknownDefinition;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.persistence.LimitUsage;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.RegisteredHost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Explains by the hosts that have registered themselves why none executes an instance. It reads a
 * bounded number of hosts. As thread-safe as the provider.
 */
final class HostReasons {
  /** How many of the hosts that execute a definition are asked for their limits. */
  private static final int ASKED = 20;

  /** How many hosts are looked at for other versions of a definition. */
  private static final int LOOKED_AT = 100;

  private final PersistenceProvider provider;

  HostReasons(PersistenceProvider provider) {
    this.provider = provider;
  }

  /**
   * Why no host executes an instance that is Runnable and not leased.
   *
   * @param isDue whether it is due; otherwise only a missing host is a reason
   */
  List<Reason> of(WorkflowInstance instance, boolean isDue) {
    DefinitionVersion definition =
        new DefinitionVersion(instance.workflowDefinitionId(), instance.version());
    List<RegisteredHost> hosts = provider.getLiveHosts(definition, ASKED);
    if (hosts.isEmpty()) {
      return List.of(nobody(definition));
    }
    if (!isDue) {
      return List.of();
    }
    List<Reason> limits = limits(instance, definition, hosts);
    return limits.isEmpty()
        ? List.of(new KnownTo(hosts.stream().map(RegisteredHost::name).sorted().toList()))
        : limits;
  }

  private Reason nobody(DefinitionVersion definition) {
    List<RegisteredHost> latest = provider.getHosts(LOOKED_AT);
    List<RegisteredHost> live = latest.stream().filter(RegisteredHost::live).toList();
    if (live.isEmpty()) {
      return latest.isEmpty()
          ? new NoLiveHost(null, null)
          : new NoLiveHost(latest.get(0).name(), latest.get(0).lastSeenAt());
    }
    return new UnknownDefinition(
        definition.definitionId(),
        definition.version(),
        live.stream()
            .flatMap(host -> host.definitions().stream())
            .map(HostedDefinition::definition)
            .filter(other -> other.definitionId().equals(definition.definitionId()))
            .map(DefinitionVersion::version)
            .distinct()
            .sorted()
            .toList());
  }

  /** The limits that hold it back at each of the hosts; empty if one of the hosts may claim it. */
  private List<Reason> limits(
      WorkflowInstance instance, DefinitionVersion definition, List<RegisteredHost> hosts) {
    List<Reason> found = new ArrayList<>();
    for (ClaimLimits limits :
        hosts.stream().map(host -> limits(host, definition)).distinct().toList()) {
      List<Reason> reached = limits.isLimit() ? reached(instance, limits) : List.of();
      if (reached.isEmpty()) {
        return List.of();
      }
      reached.stream().filter(reason -> !found.contains(reason)).forEach(found::add);
    }
    return found;
  }

  private static ClaimLimits limits(RegisteredHost host, DefinitionVersion definition) {
    return host.definitions().stream()
        .filter(hosted -> hosted.definition().equals(definition))
        .findFirst()
        .orElseThrow()
        .limits();
  }

  private List<Reason> reached(WorkflowInstance instance, ClaimLimits limits) {
    String key = instance.limitKey();
    Duration period = limits.rate() == null ? null : limits.rate().period();
    LimitUsage usage = provider.getLimitUsage(instance.id(), period);
    List<Reason> reached = new ArrayList<>();
    if (limits.atATime() != null && usage.atATime() >= limits.atATime()) {
      reached.add(
          new LimitReached(
              LimitKind.CONCURRENCY, usage.atATime(), limits.atATime(), null, null, null));
    }
    if (limits.atATimePerKey() != null
        && key != null
        && usage.atATimeOfKey() >= limits.atATimePerKey()) {
      reached.add(
          new LimitReached(
              LimitKind.CONCURRENCY_PER_KEY,
              usage.atATimeOfKey(),
              limits.atATimePerKey(),
              key,
              null,
              null));
    }
    if (limits.rate() != null && usage.claimed() >= limits.rate().count()) {
      Instant next =
          Optional.ofNullable(usage.earliestClaim())
              .map(earliest -> earliest.plus(Objects.requireNonNull(period)))
              .orElse(null);
      reached.add(
          new LimitReached(
              LimitKind.RATE, usage.claimed(), limits.rate().count(), null, period, next));
    }
    return reached;
  }
}
