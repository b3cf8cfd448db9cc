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

/** Values of entities, with the revision that the entities were read at. */
public final class EntityRevisions {
  /** Microseconds, as PostgreSQL prints the seconds of an epoch. */
  private static final int SCALE = 6;

  /** No row is at it. */
  private static final String NONE = "";

  private EntityRevisions() {}

  /** The instance of the entity, with the pointers given; without a revision if it was not read. */
  public static WorkflowInstance toModel(
      WorkflowEntity entity, List<ExecutionPointerEntity> pointers) {
    WorkflowInstance instance = EntityMapper.toModel(entity, pointers);
    RowVersion version = entity.getRowVersion();
    return version == null
        ? instance
        : PostgresRevision.unknown(instance, revision(version, pointers), positions(pointers));
  }

  /** A pointer that was read before the workflow may be older than the version that was read. */
  private static String revision(RowVersion version, List<ExecutionPointerEntity> pointers) {
    return pointers.stream().anyMatch(pointer -> isReadBefore(pointer, version.readAt()))
        ? NONE
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
