package dev.wfe.bench.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.entity.DefinitionSequenceEntity;
import dev.wfe.postgres.entity.EventSubscriptionEntity;
import dev.wfe.postgres.entity.ExecutionPointerEntity;
import dev.wfe.postgres.entity.ScheduledCommandEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.internal.mapping.EntityMapper;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EntityTransaction;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.hibernate.LockMode;
import org.hibernate.Session;

/** The operations as an application implements them with the entities only. Thread-safe. */
final class PlainHibernate {
  private static final int COMMANDS_AT_A_TIME = 64;

  private final EntityManagerFactory factory;

  PlainHibernate(EntityManagerFactory factory) {
    this.factory = factory;
  }

  /** Loads the instance with its pointers, changes the entities, and flushes. */
  WorkflowInstance persist(WorkflowInstance stepped, int step) {
    return persist(stepped, step, List.of());
  }

  /** Does the same and stores the subscriptions. Does not look for events that they cover. */
  WorkflowInstance persist(
      WorkflowInstance stepped, int step, List<EventSubscription> subscriptions) {
    ExecutionPointer changed =
        stepped.executionPointers().get(step % stepped.executionPointers().size());
    return transaction(
        entities -> {
          WorkflowEntity workflow = load(entities, "id", stepped.id());
          workflow.setNextExecution(stepped.nextExecution());
          for (ExecutionPointerEntity pointer : workflow.getExecutionPointers()) {
            if (pointer.getId().equals(changed.id())) {
              pointer.setStatus(changed.status().word());
              pointer.setRetryCount(changed.retryCount());
              pointer.setPersistenceData(
                  JsonNodeFactory.instance.objectNode().put("attempt", step));
            }
          }
          subscriptions.forEach(added -> entities.persist(EntityMapper.toEntity(added)));
          return stepped;
        });
  }

  /** Stores a new instance with its pointers. */
  WorkflowInstance create(WorkflowInstance instance) {
    return transaction(
        entities -> {
          entities.persist(EntityMapper.toEntity(instance));
          EntityMapper.toPointerEntities(instance).forEach(entities::persist);
          return instance;
        });
  }

  /** Reads the instance with its pointers by the attribute. */
  WorkflowEntity get(String attribute, String value) {
    return transaction(entities -> load(entities, attribute, value));
  }

  private static WorkflowEntity load(EntityManager entities, String attribute, String value) {
    return entities
        .createQuery(
            "select w from WorkflowEntity w left join fetch w.executionPointers where w."
                + attribute
                + " = :value",
            WorkflowEntity.class)
        .setParameter("value", value)
        .getSingleResult();
  }

  /** Reads the instances with their pointers. */
  List<WorkflowEntity> get(List<String> ids) {
    return transaction(
        entities ->
            entities
                .createQuery(
                    "select w from WorkflowEntity w left join fetch w.executionPointers"
                        + " where w.id in :ids",
                    WorkflowEntity.class)
                .setParameter("ids", ids)
                .getResultList());
  }

  /** Reads the ids of the instances that are due, earliest first. */
  List<String> runnable(long asAt) {
    return transaction(
        entities ->
            entities
                .createQuery(
                    "select w.id from WorkflowEntity w where w.status = 'Runnable'"
                        + " and w.nextExecution <= :asAt order by w.nextExecution, w.id",
                    String.class)
                .setParameter("asAt", asAt)
                .getResultList());
  }

  /** The next number of the definition: locks its row, changes and flushes it. */
  long nextNumber(String definition) {
    return transaction(
        entities -> {
          DefinitionSequenceEntity sequence =
              entities.find(
                  DefinitionSequenceEntity.class, definition, LockModeType.PESSIMISTIC_WRITE);
          sequence.setNextNum(sequence.getNextNum() + 1);
          return sequence.getNextNum();
        });
  }

  /** Locks the row of a subscription, changes it and flushes. */
  boolean withSubscription(String id, Predicate<EventSubscriptionEntity> change) {
    return transaction(
        entities ->
            change.test(
                entities.find(EventSubscriptionEntity.class, id, LockModeType.PESSIMISTIC_WRITE)));
  }

  /** Stores the event and returns the id of the first open subscription to it. */
  String publish(Event event, Instant asOf) {
    transaction(
        entities -> {
          entities.persist(EntityMapper.toEntity(event));
          return event;
        });
    return transaction(
        entities ->
            entities
                .createQuery(
                    "select s from EventSubscriptionEntity s where s.eventName = :name"
                        + " and s.eventKey = :key and s.subscribeAsOf <= :asOf"
                        + " and (s.externalToken is null or s.externalTokenExpiry <= :asOf)"
                        + " order by s.subscribeAsOf, s.id",
                    EventSubscriptionEntity.class)
                .setParameter("name", event.eventName())
                .setParameter("key", event.eventKey())
                .setParameter("asOf", asOf)
                .setMaxResults(1)
                .getSingleResult()
                .getId());
  }

  /**
   * Repeatedly locks the rows of the earliest due commands, handles the commands and deletes them,
   * until no command is due.
   */
  long process(long asOf, Consumer<ScheduledCommandEntity> handler) {
    long handled = 0;
    int batch;
    do {
      batch = transaction(entities -> processBatch(entities, asOf, handler));
      handled += batch;
    } while (batch > 0);
    return handled;
  }

  private static int processBatch(
      EntityManager entities, long asOf, Consumer<ScheduledCommandEntity> handler) {
    List<ScheduledCommandEntity> due =
        entities
            .unwrap(Session.class)
            .createQuery(
                "select c from ScheduledCommandEntity c where c.executeTime <= :asOf"
                    + " and c.claimToken is null order by c.executeTime, c.id",
                ScheduledCommandEntity.class)
            .setParameter("asOf", asOf)
            .setMaxResults(COMMANDS_AT_A_TIME)
            .setHibernateLockMode(LockMode.UPGRADE_SKIPLOCKED)
            .getResultList();
    due.forEach(handler);
    due.forEach(entities::remove);
    return due.size();
  }

  /** Stores the errors. */
  void persistErrors(List<ExecutionError> errors) {
    transaction(
        entities -> {
          errors.forEach(error -> entities.persist(EntityMapper.toEntity(error)));
          return errors;
        });
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
