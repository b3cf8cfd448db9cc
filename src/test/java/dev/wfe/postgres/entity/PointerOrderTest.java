package dev.wfe.postgres.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.Entities;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pointers are read in the order of their positions, whatever the order of their rows. */
@ExtendWith(TestDatabaseExtension.class)
final class PointerOrderTest {
  private final TestDatabase database;

  PointerOrderTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void rowsWithoutAPositionComeFirstInTheOrderOfInsertion() {
    database.execute(
        """
        insert into wfc.workflows (id, name, definition_id, version, status, create_time)
          values ('v', 'name of v', 'd', 1, 'Runnable', now()),
            ('w', 'name of w', 'd', 1, 'Runnable', now()),
            ('x', 'name of x', 'd', 1, 'Runnable', now());
        insert into wfc.execution_pointers (id, workflow_id, step_id, status, position)
          values ('z', 'w', 1, 'Pending', 5), ('c', 'w', 1, 'Pending', null),
            ('f', 'v', 1, 'Pending', 2), ('a', 'w', 1, 'Pending', 4),
            ('b', 'w', 1, 'Pending', null), ('g', 'v', 1, 'Pending', 1),
            ('d', 'w', 1, 'Pending', -1)
        """);

    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      WorkflowInstance read = provider.getWorkflowInstance("w");

      assertThat(ids(read)).containsExactly("c", "b", "d", "a", "z");
      assertThat(provider.getWorkflowInstanceByName("name of w")).isEqualTo(read);
      assertThat(provider.getWorkflowInstances(List.of("x", "w", "none", "v", "w")))
          .extracting(WorkflowInstance::id, PointerOrderTest::ids)
          .containsExactly(
              tuple("x", List.of()),
              tuple("w", ids(read)),
              tuple("v", List.of("g", "f")),
              tuple("w", ids(read)));
    }
  }

  @Test
  void entitiesOrderPointersAsTheOperationsDo() {
    database.execute(
        """
        insert into wfc.workflows (id, name, definition_id, version, status, create_time)
          values ('e', 'e', 'd', 1, 'Runnable', now());
        insert into wfc.execution_pointers (id, workflow_id, step_id, status, position)
          values ('1z', 'e', 1, 'Pending', null), ('é', 'e', 1, 'Pending', null),
            ('1Z', 'e', 1, 'Pending', null), ('1a', 'e', 1, 'Pending', null),
            ('\u20ac', 'e', 1, 'Pending', 2), ('1b', 'e', 1, 'Pending', 1)
        """);

    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url());
        EntityManager entities = provider.entityManagerFactory().createEntityManager()) {
      WorkflowInstance read = provider.getWorkflowInstance("e");

      assertThat(ids(read)).containsExactly("1z", "é", "1Z", "1a", "1b", "\u20ac");
      assertThat(ids(Entities.toModel(entities.find(WorkflowEntity.class, "e"))))
          .isEqualTo(ids(read));
      WorkflowInstance persisted = provider.persistWorkflow(read);
      assertThat(provider.getWorkflowInstance("e")).isEqualTo(persisted).isEqualTo(read);
      assertThat(
              database.queryForString(
                  "select count(*) from wfc.execution_pointers where position is null and"
                      + " workflow_id = 'e'"))
          .isEqualTo("0");
    }
  }

  private static List<String> ids(WorkflowInstance instance) {
    return instance.executionPointers().stream().map(ExecutionPointer::id).toList();
  }
}
