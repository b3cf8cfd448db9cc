package dev.wfe.memory;

import dev.wfe.persistence.LimitUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What claims under limits count. Guarded by the lock of {@link MemoryTables}. */
final class MemoryLimits {
  private MemoryLimits() {}

  /** The workflows that count as being executed: an expired lease counts while it is due. */
  static List<WorkflowRow> counted(MemoryTables tables, String definitionId, Instant now) {
    return tables.workflowLeases.of(MemoryTables.All.ROWS).stream()
        .map(position -> Objects.requireNonNull(tables.workflow(position.id())))
        .filter(row -> row.own().workflowDefinitionId().equals(definitionId) && counts(row, now))
        .toList();
  }

  private static boolean counts(WorkflowRow row, Instant now) {
    Lease lease = row.lease();
    return lease != null && lease.limited() && (lease.isValidAt(now) || row.isDueAt(now));
  }

  /** What others use of the limits that hold for the workflow. */
  static LimitUsage usage(MemoryTables tables, WorkflowRow workflow, @Nullable Duration period) {
    String definitionId = workflow.own().workflowDefinitionId();
    String limitKey = workflow.own().limitKey();
    Instant now = tables.now();
    List<WorkflowRow> counted =
        counted(tables, definitionId, now).stream()
            .filter(row -> !row.own().id().equals(workflow.own().id()))
            .toList();
    List<LimitUse> uses =
        period == null
            ? List.of()
            : tables.limitUses.stream()
                .filter(use -> use.definitionId().equals(definitionId))
                .filter(use -> use.time().isAfter(now.minus(period)))
                .toList();
    return new LimitUsage(
        counted.size(),
        limitKey == null
            ? 0
            : counted.stream().filter(row -> limitKey.equals(row.own().limitKey())).count(),
        uses.stream().mapToLong(LimitUse::count).sum(),
        uses.stream().map(LimitUse::time).min(Instant::compareTo).orElse(null));
  }
}
