package dev.wfe.postgres.internal.repository;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.entity.ExecutionPointerEntity;
import dev.wfe.postgres.entity.RowVersion;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.internal.mapping.EntityMapper;
import dev.wfe.postgres.internal.mapping.Positions;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Converts entities to values that carry the revision at which the entities were read. Thread-safe.
 */
public final class EntityRevisions {
  /** The fraction digits of an epoch as PostgreSQL prints it: microseconds. */
  private static final int SCALE = 6;

  /** A revision that no row has, so that persisting with it is rejected as stale. */
  private static final String NO_ROW = "";

  private EntityRevisions() {}

  /**
   * Converts an entity and its pointers to an instance. It has no revision if the entity was not
   * read from the database.
   */
  public static WorkflowInstance toModel(
      WorkflowEntity entity, List<ExecutionPointerEntity> pointers) {
    WorkflowInstance instance = EntityMapper.toModel(entity, pointers);
    RowVersion version = entity.getRowVersion();
    return version == null
        ? instance
        : PostgresRevision.forFullWrite(instance, revision(version, pointers), positions(pointers));
  }

  /**
   * Returns the revision, or {@link #NO_ROW} if a pointer was read before the workflow: it may then
   * be older than the version of the workflow.
   */
  private static String revision(RowVersion version, List<ExecutionPointerEntity> pointers) {
    return pointers.stream().anyMatch(pointer -> isReadBefore(pointer, version.readAt()))
        ? NO_ROW
        : version.xmin() + version.ctid() + epoch(version);
  }

  private static boolean isReadBefore(ExecutionPointerEntity pointer, Instant workflowReadAt) {
    Instant readAt = pointer.getReadAt();
    return readAt == null || readAt.isBefore(workflowReadAt);
  }

  private static String epoch(RowVersion version) {
    Instant heartbeat = version.lastHeartbeatAt();
    return heartbeat == null
        ? ""
        : BigDecimal.valueOf(ChronoUnit.MICROS.between(Instant.EPOCH, heartbeat), SCALE)
            .toPlainString();
  }

  private static Positions positions(List<ExecutionPointerEntity> pointers) {
    Positions positions = new Positions(pointers.size());
    for (int i = 0; i < pointers.size(); i++) {
      Long position = pointers.get(i).getPosition();
      positions.set(i, position == null ? 0 : position);
    }
    return positions;
  }
}
