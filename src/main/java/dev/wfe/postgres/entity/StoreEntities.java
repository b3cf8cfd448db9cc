package dev.wfe.postgres.entity;

import java.util.List;
import org.hibernate.mapping.PersistentClass;

/** Which entities there are, for a persistence unit of one's own that is to hold them. */
public final class StoreEntities {
  /** All of them. */
  public static final List<Class<?>> ALL =
      List.of(
          CommandClaimEntity.class,
          DefinitionSequenceEntity.class,
          EventEntity.class,
          EventSubscriptionEntity.class,
          ExecutionErrorEntity.class,
          ExecutionPointerEntity.class,
          ScheduledCommandEntity.class,
          WorkflowEntity.class);

  private StoreEntities() {}

  static boolean isStored(PersistentClass mapping) {
    return ALL.stream().anyMatch(entity -> entity.getName().equals(mapping.getClassName()));
  }
}
