package dev.wfe.postgres.interoperability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.Priority;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.internal.mapping.SampleValues;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hosts of the Rust provider and ours use one store. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RustProviderInteroperabilityTest {
  private static final Instant NOW = Instant.parse("2026-03-29T01:30:00.000001Z");

  private final PostgresPersistenceProvider provider;
  private final Connection connection;
  private final RustProvider rust;

  RustProviderInteroperabilityTest(TestDatabase database) throws SQLException {
    provider = PostgresPersistenceProvider.connect(database.url());
    connection = database.dataSource().getConnection();
    rust = new RustProvider(connection);
  }

  @BeforeEach
  void empty() {
    provider.truncateAll();
  }

  @AfterAll
  void close() throws SQLException {
    connection.close();
    provider.close();
  }

  /** The Rust provider keeps no order. */
  private static WorkflowInstance sorted(WorkflowInstance instance) {
    List<ExecutionPointer> pointers = new ArrayList<>(instance.executionPointers());
    pointers.sort(Comparator.comparing(ExecutionPointer::id));
    return instance.toBuilder().executionPointers(pointers).build();
  }

  private static WorkflowInstance withEveryStatus(String id, WorkflowStatus status) {
    List<ExecutionPointer> pointers = new ArrayList<>();
    for (PointerStatus pointerStatus : PointerStatus.values()) {
      pointers.add(
          ExecutionPointer.builder(1).id(id + pointerStatus).status(pointerStatus).build());
    }
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .name(id)
        .status(status)
        .executionPointers(pointers)
        .createTime(Instant.EPOCH)
        .build();
  }

  private static List<WorkflowInstance> instances() {
    List<WorkflowInstance> instances = new ArrayList<>();
    instances.add(
        SampleValues.fullInstance("full").toBuilder()
            .priority(Priority.NORMAL)
            .limitKey(null)
            .build());
    instances.add(SampleValues.emptyInstance("empty"));
    for (WorkflowStatus status : WorkflowStatus.values()) {
      instances.add(withEveryStatus("all " + status, status));
    }
    return instances;
  }

  @Test
  void aWorkflowOfTheRustProviderIsReadAsWritten() throws SQLException {
    for (WorkflowInstance instance : instances()) {
      rust.create(instance);

      assertThat(provider.getWorkflowInstance(instance.id())).isEqualTo(instance);
      assertThat(provider.getWorkflowInstanceByName(instance.name())).isEqualTo(instance);
    }
  }

  @Test
  void ourWorkflowIsReadByTheRustProviderAsWritten() throws SQLException {
    for (WorkflowInstance instance : instances()) {
      provider.createNewWorkflow(instance);
      assertThat(rust.workflow(instance.id())).isEqualTo(sorted(instance));

      provider.persistWorkflow(provider.getWorkflowInstance(instance.id()));
      provider.persistWorkflow(instance);
      assertThat(rust.workflow(instance.id())).isEqualTo(sorted(instance));
    }
  }

  @Test
  void aPersistByTheRustProviderKeepsItsOrderAndMakesRevisionsStale() throws SQLException {
    WorkflowInstance instance = SampleValues.fullInstance("w");
    provider.createNewWorkflow(instance);
    WorkflowInstance ours = provider.getWorkflowInstance("w");
    List<ExecutionPointer> reversed = new ArrayList<>(instance.executionPointers());
    reversed.add(0, ExecutionPointer.builder(9).id("new").build());
    WorkflowInstance theirs =
        instance.toBuilder().executionPointers(reversed).description("theirs").build();

    rust.persist(theirs);

    assertThat(provider.getWorkflowInstance("w")).isEqualTo(theirs);
    assertThatThrownBy(() -> provider.persistWorkflow(ours))
        .isInstanceOf(StaleRevisionException.class);
    assertThat(provider.getWorkflowInstance("w")).isEqualTo(theirs);
  }

  @Test
  void columnsThatTheRustProviderOmitsReadAsDefaults() throws SQLException {
    rust.create(SampleValues.emptyInstance("w"));
    rust.execute(
        """
        insert into wfc.execution_pointers (id, workflow_id, step_id, active, status,
          event_published, retry_count, children, scope, extension_attributes)
        values ('p', 'w', 1, true, 'Pending', null, null, null, null, null)
        """,
        List.of());
    rust.execute(
        """
        insert into wfc.events (id, event_name, event_key, event_time, is_processed)
        values ('e', 'name', 'key', '2020-01-01 00:00:00+00', null)
        """,
        List.of());

    assertThat(provider.getWorkflowInstance("w").executionPointers())
        .containsExactly(ExecutionPointer.builder(1).id("p").build());
    assertThat(provider.getEvent("e").processed()).isFalse();
    assertThat(provider.getRunnableEvents(NOW)).containsExactly("e");
    assertThat(provider.markEventProcessed("e")).isTrue();
    assertThat(provider.getRunnableEvents(NOW)).isEmpty();
  }

  @Test
  void bothFindTheSameRunnableInstances() throws SQLException {
    WorkflowInstance due = SampleValues.emptyInstance("ours").toBuilder().nextExecution(1L).build();
    provider.createNewWorkflow(due);
    rust.create(due.toBuilder().id("theirs").name("theirs").nextExecution(0L).build());
    rust.create(due.toBuilder().id("later").name("later").nextExecution(3L).build());
    rust.create(SampleValues.emptyInstance("never"));

    assertThat(provider.getRunnableInstances(Instant.ofEpochMilli(2)))
        .containsExactly("theirs", "ours");
    assertThat(
            rust.ids(
                """
                select id from wfc.workflows
                where next_execution <= cast(? as bigint) and status = 'Runnable'
                """,
                2L))
        .containsExactlyInAnyOrder("theirs", "ours");
  }

  @Test
  void eventsAreTheSameOnBothSides() throws SQLException {
    for (Event event : List.of(SampleValues.fullEvent("full"), SampleValues.emptyEvent("empty"))) {
      rust.create(event);
      assertThat(provider.getEvent(event.id())).isEqualTo(event);

      Event ours = event.toBuilder().id(event.id() + " of ours").build();
      provider.createEvent(ours);
      assertThat(rust.event(ours.id())).isEqualTo(ours);
    }
    provider.markEventUnprocessed("full");

    assertThat(
            rust.ids(
                """
                select id from wfc.events
                where is_processed = false and event_time <= cast(? as timestamptz)
                """,
                Instant.parse("2000-01-01T00:00:00Z")))
        .containsExactly("full");
  }

  @Test
  void subscriptionsAreTheSameOnBothSides() throws SQLException {
    for (EventSubscription subscription :
        List.of(SampleValues.fullSubscription("full"), SampleValues.emptySubscription("empty"))) {
      EventSubscription known = subscription.toBuilder().excludedEventIds(List.of()).build();
      rust.create(subscription);
      assertThat(provider.getSubscription(subscription.id())).isEqualTo(known);

      EventSubscription ours = subscription.toBuilder().id(subscription.id() + " of ours").build();
      provider.createEventSubscription(ours);
      assertThat(rust.subscription(ours.id())).isEqualTo(known.toBuilder().id(ours.id()).build());
    }
  }

  @Test
  void aTokenIsTakenByOneSideOnly() throws SQLException {
    Instant expiry = Instant.parse("2100-01-01T00:00:00Z");
    rust.create(SampleValues.emptySubscription("one"));
    rust.create(SampleValues.emptySubscription("two"));

    assertThat(rust.setToken("one", "theirs", "worker", expiry)).isTrue();
    assertThat(provider.setSubscriptionToken("one", "ours", "worker", expiry)).isFalse();
    assertThat(provider.setSubscriptionToken("two", "ours", "worker", expiry)).isTrue();
    assertThat(rust.setToken("two", "theirs", "worker", expiry)).isFalse();
    provider.clearSubscriptionToken("two", "ours");
    assertThat(rust.setToken("two", "theirs", "worker", expiry)).isTrue();
    assertThat(provider.getSubscription("two").externalToken()).isEqualTo("theirs");
  }

  @Test
  void commandsOfTheRustProviderAreHandled() throws SQLException {
    rust.schedule(ScheduledCommand.processWorkflow("w", 2));
    rust.schedule(ScheduledCommand.processEvent("e", 1));
    rust.schedule("AnotherWord", "x", 0);
    rust.schedule(ScheduledCommand.processEvent("later", 1_000));
    List<ScheduledCommand> handled = new ArrayList<>();

    ProcessedCommands processed = provider.processCommands(Instant.ofEpochMilli(10), handled::add);

    assertThat(handled)
        .containsExactlyInAnyOrder(
            ScheduledCommand.processWorkflow("w", 2), ScheduledCommand.processEvent("e", 1));
    assertThat(processed.failed()).isEqualTo(1);
    assertThat(rust.takeCommands(1_000)).containsExactly("AnotherWord x", "ProcessEvent later");
  }

  @Test
  void ourCommandsAreHandledByTheRustProvider() throws SQLException {
    provider.scheduleCommand(ScheduledCommand.processWorkflow("w", 5));
    provider.scheduleCommand(ScheduledCommand.processEvent("e", 6));
    rust.schedule(ScheduledCommand.processEvent("e", 4));

    assertThat(rust.takeCommands(10)).containsExactly("ProcessEvent e", "ProcessWorkflow w");
    assertThat(provider.processCommands(Instant.ofEpochMilli(10), command -> {}).handled())
        .isZero();
  }

  @Test
  void aCommandRescheduledByTheRustProviderWhileHandledIsNotLost() throws SQLException {
    provider.scheduleCommand(ScheduledCommand.processWorkflow("w", 1));

    provider.processCommands(
        Instant.ofEpochMilli(1), command -> rust.schedule("ProcessWorkflow", "w", 7));

    assertThat(rust.takeCommands(10)).containsExactly("ProcessWorkflow w");
  }

  @Test
  void aDefinitionIsCountedTogether() throws SQLException {
    assertThat(provider.nextDefinitionSequence("d")).isEqualTo(1);
    assertThat(rust.nextDefinitionSequence("d")).isEqualTo(2);
    assertThat(provider.nextDefinitionSequence("d")).isEqualTo(3);
  }

  @Test
  void errorsStandInOneTable() throws SQLException {
    ExecutionError theirs = new ExecutionError(NOW, "w", "p", "theirs");
    ExecutionError ours = new ExecutionError(NOW, "w", "p", "ours");

    rust.persist(theirs);
    provider.persistErrors(List.of(ours));

    assertThat(rust.errors()).containsExactly(theirs, ours);
  }
}
