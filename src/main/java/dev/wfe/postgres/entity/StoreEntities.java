package dev.wfe.postgres.entity;

import java.util.List;
import org.hibernate.mapping.PersistentClass;

/** The list of entities, for an application that adds them to its own persistence unit. */
public final class StoreEntities {
  /** All entities of the store. */
  public static final List<Class<?>> ALL =
      List.of(
          CommandClaimEntity.class,
          DefinitionSequenceEntity.class,
          EventEntity.class,
          EventLeaseEntity.class,
          EventSubscriptionEntity.class,
          ExecutionErrorEntity.class,
          ExecutionPointerEntity.class,
          LimitUseEntity.class,
          ScheduledCommandEntity.class,
          WorkflowDefinitionEntity.class,
          WorkflowEntity.class,
          WorkflowHostEntity.class,
          WorkflowLeaseEntity.class);

  private StoreEntities() {}

  static boolean isStored(PersistentClass mapping) {
    return ALL.stream().anyMatch(entity -> entity.getName().equals(mapping.getClassName()));
  }
}
