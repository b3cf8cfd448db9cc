package dev.wfe.bench.verbs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.entity.ExecutionPointerEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EntityTransaction;
import java.util.function.Function;

/** What an application does with the entities alone. Thread-safe. */
final class PlainHibernate {
  private final EntityManagerFactory factory;

  PlainHibernate(EntityManagerFactory factory) {
    this.factory = factory;
  }

  /** Loads the instance with its pointers, changes the entities, and flushes. */
  WorkflowInstance persist(WorkflowInstance stepped, int step) {
    ExecutionPointer changed =
        stepped.executionPointers().get(step % stepped.executionPointers().size());
    return transaction(
        entities -> {
          WorkflowEntity workflow = load(entities, stepped.id());
          workflow.setNextExecution(stepped.nextExecution());
          for (ExecutionPointerEntity pointer : workflow.getExecutionPointers()) {
            if (pointer.getId().equals(changed.id())) {
              pointer.setStatus(changed.status().word());
              pointer.setRetryCount(changed.retryCount());
              pointer.setPersistenceData(
                  JsonNodeFactory.instance.objectNode().put("attempt", step));
            }
          }
          return stepped;
        });
  }

  private static WorkflowEntity load(EntityManager entities, String id) {
    return entities
        .createQuery(
            "select w from WorkflowEntity w left join fetch w.executionPointers where w.id = :id",
            WorkflowEntity.class)
        .setParameter("id", id)
        .getSingleResult();
  }

  <T> T transaction(Function<EntityManager, T> work) {
    try (EntityManager entities = factory.createEntityManager()) {
      EntityTransaction transaction = entities.getTransaction();
      transaction.begin();
      try {
        T result = work.apply(entities);
        transaction.commit();
        return result;
      } catch (RuntimeException failure) {
        if (transaction.isActive()) {
          transaction.rollback();
        }
        throw failure;
      }
    }
  }
}
