package dev.wfe.host;

import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DueWorkflow;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for due work that no host executes. It never counts a table: it reads the earliest due
 * workflow of each definition, and for listeners the ids of {@value DueWork#MAX_COUNT} due
 * workflows. One thread looks at a time; the results can be read by any thread.
 */
final class DueWatch {
  private static final Duration OVERDUE = Duration.ofMinutes(1);

  private final PersistenceProvider provider;
  private final Definitions definitions;
  private final UnknownDefinitions unknown;
  private final InstantSource clock;
  private final Listeners listeners;

  /** The earliest workflows whose due time is not known, and when they were seen first. */
  private Map<DueWorkflow, Instant> seen = Map.of();

  private volatile @Nullable Duration lag;
  private volatile Set<DefinitionVersion> unknownDefinitions = Set.of();

  /**
   * Watches the work of the provider.
   *
   * @param clock the clock of the provider
   */
  DueWatch(
      PersistenceProvider provider,
      Definitions definitions,
      InstantSource clock,
      Listeners listeners) {
    this.provider = provider;
    this.definitions = definitions;
    this.unknown = new UnknownDefinitions(definitions);
    this.clock = clock;
    this.listeners = listeners;
  }

  /** Looks once. */
  void look() {
    Map<DefinitionVersion, DueWorkflow> due = provider.getDueDefinitions();
    Instant now = clock.instant();
    Duration oldest = oldest(due, now);
    var unusedNew = unknown.look(due);
    lag = oldest;
    unknownDefinitions = unknown.reported();
    if (!listeners.isEmpty()) {
      DueWork work =
          new DueWork(count(now, due), count(now.minus(OVERDUE), due), oldest, unknownDefinitions);
      listeners.tell(listener -> listener.dueWork(work));
    }
  }

  private int count(Instant asAt, Map<DefinitionVersion, DueWorkflow> due) {
    return due.isEmpty() ? 0 : provider.getRunnableInstances(asAt, DueWork.MAX_COUNT).size();
  }

  private Duration oldest(Map<DefinitionVersion, DueWorkflow> due, Instant now) {
    Map<DueWorkflow, Instant> seenNow = new HashMap<>();
    Instant earliest = now;
    for (Map.Entry<DefinitionVersion, DueWorkflow> entry : due.entrySet()) {
      if (definitions.versions().contains(entry.getKey())) {
        Instant since = since(entry.getValue(), now, seenNow);
        earliest = since.isBefore(earliest) ? since : earliest;
      }
    }
    seen = seenNow;
    return Duration.between(earliest, now);
  }

  private Instant since(DueWorkflow workflow, Instant now, Map<DueWorkflow, Instant> seenNow) {
    if (workflow.nextExecution() > 0) {
      return Instant.ofEpochMilli(workflow.nextExecution());
    }
    Instant first = seen.getOrDefault(workflow, now);
    seenNow.put(workflow, first);
    return first;
  }

  /** For how long the earliest workflow had been due at the last look; null before the first. */
  @Nullable Duration lag() {
    return lag;
  }

  /** The unknown definitions of which a workflow stays due. */
  Set<DefinitionVersion> unknownDefinitions() {
    return unknownDefinitions;
  }
}
