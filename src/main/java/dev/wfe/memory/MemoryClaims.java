package dev.wfe.memory;

import static java.util.Comparator.comparing;

import dev.wfe.model.Priority;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DueWorkflow;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.Subject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Claims of workflows in memory. Guarded by the lock of {@link MemoryTables}. */
final class MemoryClaims {
  private static final Comparator<WorkflowRow> ORDER =
      comparing((WorkflowRow row) -> row.own().priority())
          .thenComparing(WorkflowRow::due, MemoryTables.ORDER);

  private final MemoryTables tables;
  private final MemoryWorkflowRepository workflows;

  MemoryClaims(MemoryTables tables, MemoryWorkflowRepository workflows) {
    this.tables = tables;
    this.workflows = workflows;
  }

  /** A workflow that may be claimed, as the nth one of its definition. */
  private record Candidate(int turn, WorkflowRow row) {}

  ClaimedWorkflows claim(ClaimRequest request) {
    Instant now = tables.now();
    long epoch = MemoryLeaseRepository.newEpoch();
    Set<DefinitionVersion> definitions = Set.copyOf(request.definitions());
    List<ClaimedWorkflow> claimed = new ArrayList<>();
    Map<String, Integer> used = new HashMap<>();
    long bytes = 0;
    for (WorkflowRow row : candidates(request, definitions, now)) {
      if (bytes >= request.maxBytes()) {
        break;
      }
      String definition = row.own().workflowDefinitionId();
      Lease lease = take(row, request, epoch, now);
      tables.put(row.with(lease));
      claimed.add(
          new ClaimedWorkflow(
              new Claim(Subject.WORKFLOW, row.own().id(), request.owner(), epoch),
              lease.attempt(),
              workflows.live(row)));
      used.merge(definition, 1, Integer::sum);
      bytes += row.own().data().toString().length();
    }
    used.forEach(
        (definition, count) -> {
          ClaimLimits limits = request.limits().get(definition);
          if (limits != null && limits.rate() != null) {
            tables.limitUses.add(new LimitUse(definition, now, count));
          }
        });
    return new ClaimedWorkflows(
        now, claimed, claimed.isEmpty() ? untilNextDue(request, definitions, now) : null);
  }

  private static Lease take(WorkflowRow row, ClaimRequest request, long epoch, Instant now) {
    Lease expired = row.lease();
    ClaimLimits limits = request.limits().get(row.own().workflowDefinitionId());
    return new Lease(
        request.owner(),
        epoch,
        expired == null ? 1 : expired.attempt() + 1,
        now.plus(request.lease()),
        limits != null && limits.isLimit());
  }

  /** The workflows to claim, in order; the limit of bytes may end the claim earlier. */
  private List<WorkflowRow> candidates(
      ClaimRequest request, Set<DefinitionVersion> definitions, Instant now) {
    List<Candidate> candidates = new ArrayList<>();
    for (String id :
        definitions.stream().map(DefinitionVersion::definitionId).distinct().toList()) {
      List<DefinitionVersion> versions =
          definitions.stream().filter(version -> version.definitionId().equals(id)).toList();
      ClaimLimits limits = request.limits().get(id);
      List<WorkflowRow> rows =
          limits == null || !limits.isLimit()
              ? due(versions, now, request.limit()).sorted(ORDER).toList()
              : allowed(id, versions, limits, request.limit(), now);
      for (int turn = 0; turn < rows.size(); turn++) {
        candidates.add(new Candidate(turn, rows.get(turn)));
      }
    }
    return candidates.stream()
        .sorted(
            comparing(Candidate::turn)
                .thenComparing(candidate -> candidate.row().due(), MemoryTables.ORDER))
        .limit(request.limit())
        .map(Candidate::row)
        .sorted(ORDER)
        .toList();
  }

  /** The due workflows without a valid lease; of each queue at least the first ones. */
  private Stream<WorkflowRow> due(List<DefinitionVersion> versions, Instant now, long limit) {
    Stream<WorkflowRow> unleased =
        versions.stream()
            .flatMap(
                version ->
                    Stream.of(Priority.values())
                        .map(priority -> new WorkflowRow.Queue(version, priority)))
            .flatMap(
                queue ->
                    tables.unleasedByQueue.of(queue).stream()
                        .takeWhile(position -> !position.time().isAfter(now))
                        .limit(limit))
            .map(position -> Objects.requireNonNull(tables.workflow(position.id())));
    return Stream.concat(unleased, expired(versions, now));
  }

  private Stream<WorkflowRow> expired(List<DefinitionVersion> versions, Instant now) {
    return tables
        .withExpiredLease()
        .filter(row -> row.isDueAt(now) && versions.contains(row.definition()));
  }

  /** What the limits allow: first those that are taken over, because their leases count already. */
  private List<WorkflowRow> allowed(
      String id, List<DefinitionVersion> versions, ClaimLimits limits, int limit, Instant now) {
    giveUpExpired(id, now);
    List<WorkflowRow> counted = MemoryLimits.counted(tables, id, now);
    Map<String, Integer> busy = new HashMap<>();
    for (WorkflowRow row : counted) {
      if (row.own().limitKey() != null) {
        busy.merge(row.own().limitKey(), 1, Integer::sum);
      }
    }
    int most = limits.rate() == null ? limit : Math.min(limit, left(id, limits.rate(), now));
    List<WorkflowRow> rows =
        new ArrayList<>(
            counted.stream()
                .filter(row -> !isValid(row, now) && versions.contains(row.definition()))
                .sorted(ORDER)
                .limit(Math.max(0, most))
                .toList());
    int free = most - rows.size();
    if (limits.atATime() != null) {
      free = Math.min(free, limits.atATime() - counted.size());
    }
    for (WorkflowRow row : due(versions, now, Long.MAX_VALUE).sorted(ORDER).toList()) {
      String key = row.own().limitKey();
      boolean isFree =
          key == null
              || limits.atATimePerKey() == null
              || busy.getOrDefault(key, 0) < limits.atATimePerKey();
      if (free > 0 && isFree && !counted.contains(row)) {
        rows.add(row);
        free--;
        if (key != null) {
          busy.merge(key, 1, Integer::sum);
        }
      }
    }
    return rows;
  }

  /** A lease that is not counted, because its workflow is not due, must not be renewed. */
  private void giveUpExpired(String id, Instant now) {
    tables
        .withExpiredLease()
        .filter(row -> row.own().workflowDefinitionId().equals(id) && !row.isDueAt(now))
        .filter(row -> Objects.requireNonNull(row.lease()).limited())
        .toList()
        .forEach(row -> tables.put(row.with((Lease) null)));
  }

  private static boolean isValid(WorkflowRow row, Instant now) {
    Lease lease = row.lease();
    return lease != null && lease.isValidAt(now);
  }

  private int left(String id, ClaimLimits.Rate rate, Instant now) {
    tables.limitUses.removeIf(
        use -> use.definitionId().equals(id) && !use.time().isAfter(now.minus(rate.period())));
    return rate.count()
        - tables.limitUses.stream()
            .filter(use -> use.definitionId().equals(id))
            .mapToInt(LimitUse::count)
            .sum();
  }

  private @Nullable Duration untilNextDue(
      ClaimRequest request, Set<DefinitionVersion> definitions, Instant now) {
    Position later = new Position(now.plus(1, ChronoUnit.MICROS), "");
    return Stream.concat(
            Stream.concat(
                    definitions.stream()
                        .map(definition -> tables.scheduled.of(definition).ceiling(later)),
                    Stream.of(tables.workflowLeases.of(MemoryTables.All.ROWS))
                        .map(leases -> leases.ceiling(later)))
                .filter(Objects::nonNull)
                .map(Position::time),
            definitions.stream()
                .map(DefinitionVersion::definitionId)
                .distinct()
                .flatMap(id -> nextUse(id, request.limits().get(id), now)))
        .min(Comparator.naturalOrder())
        .map(time -> Duration.between(now, time))
        .orElse(null);
  }

  /** When a rate that is used up allows more again. */
  private Stream<Instant> nextUse(String id, @Nullable ClaimLimits limits, Instant now) {
    if (limits == null || limits.rate() == null || left(id, limits.rate(), now) > 0) {
      return Stream.of();
    }
    Duration period = limits.rate().period();
    return tables.limitUses.stream()
        .filter(use -> use.definitionId().equals(id))
        .map(use -> use.time().plus(period))
        .min(Comparator.naturalOrder())
        .stream();
  }

  Map<DefinitionVersion, DueWorkflow> dueDefinitions() {
    Map<DefinitionVersion, DueWorkflow> found = new HashMap<>();
    for (DefinitionVersion definition : tables.scheduled.groups()) {
      due(List.of(definition), tables.now(), 1)
          .min(comparing(WorkflowRow::due, MemoryTables.ORDER))
          .ifPresent(
              row ->
                  found.put(
                      definition,
                      new DueWorkflow(
                          row.own().id(), Objects.requireNonNull(row.own().nextExecution()))));
    }
    return found;
  }
}
