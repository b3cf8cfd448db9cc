package dev.wfe.postgres.interoperability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.Entities;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Values beyond our limits that others stored are read and persisted. The limits apply to new
 * values.
 */
@ExtendWith(TestDatabaseExtension.class)
final class BeyondTheLimitsTest {
  private static final String LONG = "x".repeat(2_000);

  private final TestDatabase database;

  BeyondTheLimitsTest(TestDatabase database) {
    this.database = database;
  }

  private PostgresPersistenceProvider provider() {
    return PostgresPersistenceProvider.connect(database.url());
  }

  private static String set(String table, String change) {
    return "update wfc.%s set %s".formatted(table, change);
  }

  private void create(PostgresPersistenceProvider provider) {
    provider.truncateAll();
    provider.createNewWorkflow(
        WorkflowInstance.builder("definition", 1)
            .id("w")
            .executionPointers(
                List.of(
                    ExecutionPointer.builder("p", 0).build(),
                    ExecutionPointer.builder("q", 0).build()))
            .build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "workflows set name = repeat('n', 2000)",
        "workflows set root_workflow_id = repeat('n', 2000)",
        "workflows set reference = repeat('n', 2000)",
        "workflows set definition_id = ''",
        "workflows set definition_id = repeat('n', 2000)",
        "workflows set version = -1",
        "workflows set data = (repeat('[', 127) || repeat(']', 127))::jsonb",
        "workflows set data = to_jsonb(repeat('x', 33554431))",
        "execution_pointers set step_id = -1",
        "execution_pointers set retry_count = -1",
        "execution_pointers set event_name = repeat('n', 2000)",
        "execution_pointers set event_key = repeat('n', 2000)",
        "execution_pointers set predecessor_id = repeat('n', 2000)",
        "execution_pointers set children = jsonb_build_array(repeat('n', 2000))",
        "execution_pointers set scope = jsonb_build_array(repeat('n', 2000))",
        "execution_pointers set outcome = (repeat('[', 127) || repeat(']', 127))::jsonb",
        "execution_pointers set extension_attributes ="
            + " ('{\"a\":' || repeat('[', 126) || repeat(']', 126) || '}')::jsonb",
      })
  void valuesThatOthersStoredAreReadAndPersisted(String change) {
    try (PostgresPersistenceProvider provider = provider()) {
      create(provider);
      database.execute("update wfc." + change);

      WorkflowInstance read = provider.getWorkflowInstance("w");
      WorkflowInstance persisted = provider.persistWorkflow(read);
      List<ExecutionPointer> started =
          persisted.executionPointers().stream()
              .map(pointer -> pointer.toBuilder().status(PointerStatus.RUNNING).build())
              .toList();
      WorkflowInstance advanced =
          provider.persistWorkflow(
              persisted.toBuilder().nextExecution(7L).executionPointers(started).build());

      assertThat(persisted.equals(read)).isTrue();
      assertThat(provider.getWorkflowInstance("w").equals(advanced)).isTrue();
      try (EntityManager entities = provider.entityManagerFactory().createEntityManager()) {
        assertThat(Entities.toModel(entities.find(WorkflowEntity.class, "w")).equals(advanced))
            .isTrue();
      }
    }
  }

  @Test
  void theLimitsApplyToWhatIsNew() {
    try (PostgresPersistenceProvider provider = provider()) {
      create(provider);
      database.execute(set("workflows", "reference = repeat('n', 2000), definition_id = ''"));
      database.execute(set("execution_pointers", "event_key = repeat('n', 2000)"));
      WorkflowInstance read = provider.getWorkflowInstance("w");
      ExecutionPointer pointer = read.executionPointers().get(0);

      assertThatThrownBy(
              () -> provider.persistWorkflow(read.toBuilder().reference(LONG + "y").build()))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("reference");
      assertThatThrownBy(
              () ->
                  provider.persistWorkflow(
                      read.toBuilder()
                          .executionPointers(
                              List.of(
                                  pointer.toBuilder().eventKey("n".repeat(1_999)).build(),
                                  read.executionPointers().get(1)))
                          .build()))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("executionPointers[0].eventKey");
      assertThatThrownBy(
              () ->
                  provider.persistWorkflow(
                      read.toBuilder()
                          .executionPointers(List.of(pointer.toBuilder().id("new").build()))
                          .build()))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("executionPointers[0].eventKey");
      assertThatThrownBy(() -> provider.persistWorkflow(read.toBuilder().revision(null).build()))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("workflowDefinitionId is empty");
    }
  }

  @Test
  void aLongIdIsFoundWhereItIsStored() {
    try (PostgresPersistenceProvider provider = provider()) {
      create(provider);
      database.execute(
          """
          insert into wfc.workflows (id, name, definition_id, version, status, create_time)
            values ('%1$s', 'n%1$s', 'd', 1, 'Runnable', now());
          insert into wfc.execution_pointers (id, workflow_id, step_id, status)
            values ('%1$s', '%1$s', 0, 'Pending');
          insert into wfc.events (id, event_name, event_key, event_time)
            values ('%1$s', '%1$s', '%1$s', now());
          insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,
              event_name, event_key, subscribe_as_of)
            values ('%1$s', '%1$s', 0, '%1$s', 'n%1$s', '%1$s', now())
          """
              .formatted(LONG));

      WorkflowInstance read = provider.getWorkflowInstance(LONG);
      assertThat(provider.getWorkflowInstanceByName("n" + LONG)).isEqualTo(read);
      assertThat(provider.getWorkflowInstances(List.of(LONG))).containsExactly(read);
      assertThat(provider.persistWorkflow(read.toBuilder().nextExecution(3L).build()).id())
          .isEqualTo(LONG);
      assertThat(provider.getEvent(LONG).eventKey()).isEqualTo(LONG);
      assertThat(provider.getEvents(LONG, LONG, Instant.MAX)).containsExactly(LONG);
      assertThat(provider.markEventProcessed(LONG)).isTrue();
      provider.markEventUnprocessed(LONG);
      EventSubscription subscription = provider.getSubscription(LONG);
      assertThat(provider.getSubscriptions("n" + LONG, LONG, Instant.MAX))
          .containsExactly(subscription);
      assertThat(provider.setSubscriptionToken(LONG, "t", "w", Duration.ofHours(1))).isTrue();
      provider.terminateSubscription(LONG, "t");
    }
  }
}
