package dev.wfe.postgres.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.postgres.Entities;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.internal.mapping.SampleValues;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The two ways to a value, the operations' rows and the entities, agree in every field. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EntitiesTest {
  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;

  EntitiesTest(TestDatabase database) {
    this.database = database;
    this.provider = PostgresPersistenceProvider.connect(database.url());
  }

  @AfterAll
  void closeProvider() {
    provider.close();
  }

  private <T> T found(Function<EntityManager, T> query) {
    return provider.entityManagerFactory().unwrap(SessionFactory.class).fromSession(query::apply);
  }

  private void persisted(Consumer<EntityManager> work) {
    provider.entityManagerFactory().unwrap(SessionFactory.class).inTransaction(work::accept);
  }

  private WorkflowInstance foundInstance(String id) {
    return found(entities -> Entities.toModel(entities.find(WorkflowEntity.class, id)));
  }

  private Event foundEvent(String id) {
    return found(entities -> Entities.toModel(entities.find(EventEntity.class, id)));
  }

  private <T> List<T> all(String query, Class<T> type) {
    return found(entities -> entities.createQuery(query, type).getResultList());
  }

  @Test
  void rowsWrittenByOperationsAreReadThroughEntities() {
    for (WorkflowInstance instance :
        List.of(SampleValues.fullInstance("v1"), SampleValues.emptyInstance("v2"))) {
      provider.createNewWorkflow(instance);

      assertThat(foundInstance(instance.id()))
          .isEqualTo(instance)
          .isEqualTo(provider.getWorkflowInstance(instance.id()))
          .extracting(WorkflowInstance::revision)
          .isNotNull();
    }
  }

  @Test
  void rowsWrittenByEntitiesAreReadByTheOperations() {
    for (WorkflowInstance instance :
        List.of(SampleValues.fullInstance("e1"), SampleValues.emptyInstance("e2"))) {
      persisted(
          entities -> {
            entities.persist(Entities.toEntity(instance));
            Entities.toPointerEntities(instance).forEach(entities::persist);
          });

      assertThat(provider.getWorkflowInstance(instance.id())).isEqualTo(instance);
    }
  }

  @Test
  void anInstanceReadThroughEntitiesReplacesWhatIsStored() {
    provider.createNewWorkflow(SampleValues.fullInstance("r"));
    WorkflowInstance read = foundInstance("r");
    List<ExecutionPointer> reversed = new ArrayList<>(read.executionPointers());
    Collections.reverse(reversed);
    WorkflowInstance changed = read.toBuilder().executionPointers(reversed).build();

    provider.persistWorkflow(changed);

    assertThat(foundInstance("r")).isEqualTo(changed);
  }

  @Test
  void aValueOfEntitiesIsStaleOnceTheWorkflowHasChanged() {
    provider.createNewWorkflow(SampleValues.fullInstance("s"));
    WorkflowInstance detached = foundInstance("s");
    provider.persistWorkflow(
        provider.getWorkflowInstance("s").toBuilder().status(WorkflowStatus.COMPLETE).build());

    assertThatThrownBy(
            () -> provider.persistWorkflow(detached.toBuilder().reference("lost").build()))
        .isInstanceOf(StaleRevisionException.class);
    assertThat(provider.getWorkflowInstance("s").status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  @Test
  void aChangedEntityThatRevivesItsWorkflowSubscribesItAgain() {
    provider.createNewWorkflow(
        SampleValues.emptyInstance("z").toBuilder().status(WorkflowStatus.COMPLETE).build());
    Event event = Event.builder("revived", "z").eventData(NullNode.instance).build();
    String eventId = provider.createEvent(event);
    provider.createEventSubscription(
        EventSubscription.builder("z", "p", "revived", "z").subscribeAsOf(Instant.EPOCH).build());
    assertThat(provider.markEventProcessed(eventId)).isTrue();
    WorkflowEntity entity = found(entities -> entities.find(WorkflowEntity.class, "z"));

    entity.setStatus(WorkflowStatus.RUNNABLE.word());
    provider.persistWorkflow(Entities.toModel(entity, List.of()));

    assertThat(provider.getEvent(eventId).processed()).isFalse();
  }

  @Test
  void anEntityThatIsMergedKeepsTheRevisionThatItWasReadAt() {
    provider.createNewWorkflow(SampleValues.emptyInstance("m"));
    WorkflowEntity detached = found(entities -> entities.find(WorkflowEntity.class, "m"));
    provider.persistWorkflow(provider.getWorkflowInstance("m"));
    WorkflowInstance merged = found(entities -> Entities.toModel(entities.merge(detached)));

    assertThatThrownBy(() -> provider.persistWorkflow(merged))
        .isInstanceOf(StaleRevisionException.class);
  }

  @Test
  void aPendingEntityChangeIsFlushed() {
    WorkflowInstance stored = SampleValues.fullInstance("d");
    provider.createNewWorkflow(stored);
    WorkflowInstance shown =
        found(
            entities -> {
              WorkflowEntity entity = entities.find(WorkflowEntity.class, "d");
              entity.setName("renamed");
              entity.setData(JsonNodeFactory.instance.objectNode().put("changed", true));
              entity.getExecutionPointers().forEach(pointer -> pointer.setStepName("changed"));
              return Entities.toModel(entity);
            });

    WorkflowInstance persisted = provider.persistWorkflow(shown);

    assertThat(provider.getWorkflowInstance("d")).isEqualTo(shown).isEqualTo(persisted);
    WorkflowInstance fewer =
        persisted.toBuilder()
            .executionPointers(persisted.executionPointers().subList(0, 1))
            .build();
    assertThat(provider.persistWorkflow(fewer)).isEqualTo(provider.getWorkflowInstance("d"));
  }

  @Test
  void aPointerThatIsLeftOutOfTheValueIsDeleted() {
    provider.createNewWorkflow(SampleValues.fullInstance("f"));
    WorkflowInstance fewer =
        foundInstance("f").toBuilder()
            .executionPointers(List.of(SampleValues.emptyPointer("another")))
            .build();

    provider.persistWorkflow(fewer);

    assertThat(provider.getWorkflowInstance("f")).isEqualTo(fewer);
  }

  @Test
  void pointersReadBeforeTheWorkflowMakeTheValueStale() {
    provider.createNewWorkflow(SampleValues.fullInstance("b"));
    WorkflowInstance mixed =
        found(
            entities -> {
              List<ExecutionPointerEntity> old =
                  entities
                      .createQuery(
                          "from ExecutionPointerEntity where workflowId = 'b'",
                          ExecutionPointerEntity.class)
                      .getResultList();
              assertThat(old).isNotEmpty();
              return Entities.toModel(entities.find(WorkflowEntity.class, "b"));
            });

    assertThatThrownBy(() -> provider.persistWorkflow(mixed))
        .isInstanceOf(StaleRevisionException.class);
  }

  @Test
  void anInstanceFetchedWithItsPointersIsCurrent() {
    provider.createNewWorkflow(SampleValues.fullInstance("j"));
    WorkflowInstance joined =
        found(
            entities ->
                Entities.toModel(
                    entities
                        .createQuery(
                            "from WorkflowEntity w join fetch w.executionPointers where w.id = 'j'",
                            WorkflowEntity.class)
                        .getSingleResult()));

    assertThat(provider.persistWorkflow(joined)).isEqualTo(provider.getWorkflowInstance("j"));
  }

  @Test
  void eventsAgreeBothWays() {
    for (Event event : List.of(SampleValues.fullEvent("v1"), SampleValues.emptyEvent("v2"))) {
      provider.createEvent(event);
      Event other = event.toBuilder().id("by entity " + event.id()).build();
      persisted(entities -> entities.persist(Entities.toEntity(other)));

      assertThat(foundEvent(event.id())).isEqualTo(event).isEqualTo(provider.getEvent(event.id()));
      assertThat(provider.getEvent(other.id())).isEqualTo(other);
    }
  }

  @Test
  void subscriptionsAgreeBothWays() {
    for (EventSubscription subscription :
        List.of(SampleValues.fullSubscription("v1"), SampleValues.emptySubscription("v2"))) {
      provider.createEventSubscription(subscription);
      EventSubscription other =
          subscription.toBuilder().id("by entity " + subscription.id()).build();
      persisted(entities -> entities.persist(Entities.toEntity(other)));
      EventSubscription byEntity =
          found(
              entities ->
                  Entities.toModel(
                      entities.find(EventSubscriptionEntity.class, subscription.id())));

      assertThat(byEntity)
          .isEqualTo(subscription)
          .isEqualTo(provider.getSubscription(subscription.id()));
      assertThat(provider.getSubscription(other.id())).isEqualTo(other);
    }
  }

  @Test
  void commandsAndErrorsAreReadThroughEntities() {
    provider.scheduleCommand(SampleValues.command("v"));
    persisted(entities -> entities.persist(Entities.toEntity(SampleValues.command("e"))));
    provider.persistErrors(List.of(SampleValues.error("v")));
    persisted(entities -> entities.persist(Entities.toEntity(SampleValues.error("e"))));

    List<ScheduledCommand> commands =
        all("from ScheduledCommandEntity order by id", ScheduledCommandEntity.class).stream()
            .map(Entities::toModel)
            .toList();
    List<ExecutionError> errors =
        all("from ExecutionErrorEntity order by id", ExecutionErrorEntity.class).stream()
            .map(Entities::toModel)
            .toList();

    assertThat(commands).containsExactly(SampleValues.command("v"), SampleValues.command("e"));
    assertThat(errors).containsExactly(SampleValues.error("v"), SampleValues.error("e"));
  }

  @Test
  void nullsOfAnotherWriterAreReadAsDefaultsBothWays() {
    WorkflowInstance expected =
        SampleValues.emptyInstance("n").toBuilder()
            .createTime(Instant.EPOCH)
            .executionPointers(List.of(SampleValues.emptyPointer("n")))
            .build();
    database.execute(
        """
        insert into wfc.workflows (id, name, definition_id, version, status, data, create_time)
          values ('n', 'n', 'definition', 0, 'Runnable', 'null', '1970-01-01 00:00:00+00');
        insert into wfc.execution_pointers (id, workflow_id, step_id, status, event_published,
            retry_count, children, scope, extension_attributes, position)
          values ('n', 'n', 0, 'Pending', null, null, null, null, null, null);
        insert into wfc.events (id, event_name, event_key, event_time, is_processed)
          values ('n', 'paid', '', '1970-01-01 00:00:00+00', null)
        """);

    assertThat(provider.getWorkflowInstance("n")).isEqualTo(expected).isEqualTo(foundInstance("n"));
    assertThat(provider.getEvent("n"))
        .isEqualTo(SampleValues.emptyEvent("n").toBuilder().eventTime(Instant.EPOCH).build())
        .isEqualTo(found(entities -> Entities.toModel(entities.find(EventEntity.class, "n"))));
  }

  @Test
  void anUnreadableRowIsTheSameFailureBothWays() {
    database.execute(
        """
        insert into wfc.workflows (id, name, definition_id, version, status, create_time)
          values ('u', 'u', 'definition', 0, 'Paused', now());
        insert into wfc.workflows (id, name, definition_id, version, status, create_time)
          values ('c', 'c', 'definition', 0, 'Runnable', now());
        insert into wfc.execution_pointers (id, workflow_id, step_id, status, children)
          values ('c', 'c', 0, 'Pending', '{}');
        """);

    for (String id : List.of("u", "c")) {
      UnreadableRowException byOperation =
          catchThrowableOfType(
              UnreadableRowException.class, () -> provider.getWorkflowInstance(id));
      assertThatThrownBy(() -> foundInstance(id))
          .isInstanceOf(UnreadableRowException.class)
          .hasMessage(byOperation.getMessage());
    }
  }
}
