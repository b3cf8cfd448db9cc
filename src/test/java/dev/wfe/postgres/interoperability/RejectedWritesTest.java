package dev.wfe.postgres.interoperability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.model.CommandName;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Triggers, indexes and policies of others reject a write: a permanent failure. */
class RejectedWritesTest {
  private static final Instant NOON = Instant.parse("2024-02-29T12:00:00Z");

  private TestDatabase database;
  private PostgresStore store;
  private WorkflowInstance stored;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    store = new PostgresStore(database, PostgresOptions.defaults());
    provider().createNewWorkflow(instance("first"));
    stored = provider().getWorkflowInstance("first");
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  private PersistenceProvider provider() {
    return store.provider();
  }

  private static WorkflowInstance instance(String id) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .reference("reference of " + id)
        .executionPointers(List.of(ExecutionPointer.builder(id + "-0", 0).stepName(id).build()))
        .build();
  }

  private static void assertFinal(StoreException failure, String named) {
    assertThat(failure)
        .isInstanceOf(StoreFailureException.class)
        .hasMessageContaining(named)
        .satisfies(one -> assertThat(one.retryable()).isFalse());
  }

  private static StoreException failureOf(Runnable write) {
    return catchThrowableOfType(StoreException.class, write::run);
  }

  @Test
  void anOperatorsUniqueIndexOnWorkflowsIsNamed() throws Exception {
    database.execute("create unique index one_reference on wfc.workflows (reference)");
    WorkflowInstance second = instance("second").toBuilder().reference(stored.reference()).build();

    assertFinal(failureOf(() -> provider().createNewWorkflow(second)), "one_reference");
    provider().createNewWorkflow(instance("second"));
    WorkflowInstance clash =
        provider().getWorkflowInstance("second").toBuilder().reference(stored.reference()).build();
    assertFinal(failureOf(() -> provider().persistWorkflow(clash)), "one_reference");
    assertFinal(
        failureOf(() -> provider().persistWorkflow(clash.toBuilder().revision(null).build())),
        "one_reference");
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      PersistenceProvider within = store.provider().within(connection);
      WorkflowInstance third = instance("third").toBuilder().reference(stored.reference()).build();
      assertFinal(failureOf(() -> within.createNewWorkflow(third)), "one_reference");
      within.createNewWorkflow(instance("third"));
      connection.commit();
    }
    assertThat(provider().getWorkflowInstance("third").executionPointers()).hasSize(1);
  }

  @Test
  void anOperatorsUniqueIndexOnPointersIsNamed() {
    database.execute("create unique index one_step_name on wfc.execution_pointers (step_name)");
    WorkflowInstance second =
        instance("second").toBuilder()
            .executionPointers(
                List.of(ExecutionPointer.builder("second-0", 0).stepName("first").build()))
            .build();

    assertFinal(failureOf(() -> provider().createNewWorkflow(second)), "one_step_name");
    WorkflowInstance clash =
        stored.toBuilder()
            .executionPointers(
                List.of(
                    stored.executionPointers().get(0),
                    ExecutionPointer.builder("other", 1).stepName("first").build()))
            .build();
    assertFinal(failureOf(() -> provider().persistWorkflow(clash)), "one_step_name");
    assertThat(provider().getWorkflowInstance("first")).isEqualTo(stored);
  }

  @Test
  void anOperatorsUniqueIndexOnEventsAndSubscriptionsIsNamed() {
    database.execute("create unique index one_event on wfc.events (event_name)");
    database.execute("create unique index one_wait on wfc.event_subscriptions (event_name)");
    Event event = Event.builder("name", "key").eventTime(NOON).build();
    EventSubscription subscription =
        EventSubscription.builder("first", "p", "name", "key").subscribeAsOf(NOON).build();
    provider().createEvent(event);
    provider().createEventSubscription(subscription);

    assertFinal(failureOf(() -> provider().createEvent(event)), "one_event");
    assertFinal(failureOf(() -> provider().createEventSubscription(subscription)), "one_wait");
    assertFinal(
        failureOf(() -> provider().persistWorkflowWithSubscriptions(stored, List.of(subscription))),
        "one_wait");
  }

  @ParameterizedTest
  @ValueSource(strings = {"workflows", "execution_pointers"})
  void aTriggerThatSkipsRowsIsHintedAt(String table) {
    skipRows(table);
    WorkflowInstance changed =
        stored.toBuilder()
            .executionPointers(List.of(ExecutionPointer.builder("first-0", 7).build()))
            .build();

    assertFinal(failureOf(() -> provider().createNewWorkflow(instance("second"))), "trigger");
    assertFinal(failureOf(() -> provider().persistWorkflow(changed)), "trigger");
    assertFinal(
        failureOf(() -> provider().persistWorkflow(changed.toBuilder().revision(null).build())),
        "trigger");
    assertThat(provider().getWorkflowInstance("first")).isEqualTo(stored);
  }

  @Test
  void aTriggerThatSkipsEventsAndSubscriptionsIsHintedAt() {
    skipRows("events");
    skipRows("event_subscriptions");

    assertFinal(
        failureOf(
            () -> provider().createEvent(Event.builder("n", "k").id("e").eventTime(NOON).build())),
        "trigger");
    assertFinal(
        failureOf(
            () ->
                provider()
                    .createEventSubscription(
                        EventSubscription.builder("first", "p", "n", "k")
                            .id("s")
                            .subscribeAsOf(NOON)
                            .build())),
        "trigger");
  }

  @Test
  void aTriggerThatSkipsChangesOfEventsIsHintedAt() {
    provider().createEvent(Event.builder("n", "k").id("e").eventTime(NOON).build());
    provider().createEvent(Event.builder("n", "k").id("done").eventTime(NOON).build());
    assertThat(provider().markEventProcessed("done")).isTrue();
    skip("update", "events");

    assertFinal(failureOf(() -> provider().markEventProcessed("e")), "trigger");
    assertFinal(failureOf(() -> provider().markEventUnprocessed("done")), "trigger");
    assertFinal(
        failureOf(() -> provider().createEventSubscription(subscription("replaying", "first"))),
        "trigger");
    assertFinal(
        failureOf(
            () ->
                provider()
                    .persistWorkflowWithSubscriptions(
                        stored, List.of(subscription("replaying", "first")))),
        "trigger");
    assertThat(provider().markEventProcessed("done")).isTrue();
    assertThat(provider().getSubscriptions("n", "k", NOON)).isEmpty();
    assertThatThrownBy(() -> provider().markEventProcessed("none"))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> provider().markEventUnprocessed("none"))
        .isInstanceOf(NotFoundException.class);
  }

  /** Only a workflow that has ended waits for it, so another statement marks it. */
  @Test
  void aTriggerThatSkipsChangesOfCoveredEventsIsHintedAt() {
    provider().createEventSubscription(subscription("s", "first"));
    provider().createEvent(Event.builder("n", "k").id("e").eventTime(NOON).build());
    provider().persistWorkflow(stored.toBuilder().status(WorkflowStatus.COMPLETE).build());
    skip("update", "events");

    assertFinal(failureOf(() -> provider().markEventProcessed("e")), "trigger");
    assertThat(provider().getEvent("e").processed()).isFalse();
  }

  @Test
  void aTriggerThatSkipsChangesOfSubscriptionsIsHintedAt() {
    provider().createEventSubscription(subscription("free", "first"));
    provider().createEventSubscription(subscription("held", "first"));
    assertThat(provider().setSubscriptionToken("held", "t", "w", Duration.ofHours(1))).isTrue();
    skip("update or delete", "event_subscriptions");
    Duration minute = Duration.ofMinutes(1);

    for (Runnable write :
        List.<Runnable>of(
            () -> provider().setSubscriptionToken("free", "t", "w", minute),
            () -> provider().renewSubscriptionToken("held", "t", minute),
            () -> provider().clearSubscriptionToken("held", "t"),
            () -> provider().terminateSubscription("held", "t"),
            () -> provider().terminateSubscription("free"))) {
      assertFinal(failureOf(write), "trigger");
    }
    assertThatThrownBy(() -> provider().terminateSubscription("none"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void aTriggerThatSkipsDeletesOfPointersIsHintedAt() {
    skip("delete", "execution_pointers");
    WorkflowInstance emptied = stored.toBuilder().executionPointers(List.of()).build();
    WorkflowInstance replaced =
        stored.toBuilder()
            .executionPointers(List.of(ExecutionPointer.builder("first-1", 1).build()))
            .build();

    for (WorkflowInstance changed : List.of(emptied, replaced)) {
      assertFinal(failureOf(() -> provider().persistWorkflow(changed)), "trigger");
      assertFinal(
          failureOf(() -> provider().persistWorkflow(changed.toBuilder().revision(null).build())),
          "trigger");
    }
    assertThat(provider().getWorkflowInstance("first")).isEqualTo(stored);
  }

  /** A program of others need not write the workflow's row when it deletes a pointer. */
  @Test
  void aPointerThatOthersDeletedNeedNotBeRemoved() {
    database.execute("delete from wfc.execution_pointers where id = 'first-0'");
    WorkflowInstance emptied =
        provider().persistWorkflow(stored.toBuilder().executionPointers(List.of()).build());

    assertThat(provider().getWorkflowInstance("first")).isEqualTo(emptied);
  }

  @Test
  void aTriggerThatSkipsSequencesIsHintedAt() {
    skip("insert or update", "definition_sequences");

    assertFinal(failureOf(() -> provider().nextDefinitionSequence("d")), "trigger");
  }

  @ParameterizedTest
  @CsvSource({
    "update, scheduled_commands, 0",
    "delete, scheduled_commands, 1",
    "insert or update, command_claims, 0"
  })
  void aTriggerThatSkipsClaimsOrEndsOfCommandsIsHintedAt(String change, String table, int handled) {
    provider().scheduleCommand(new ScheduledCommand(CommandName.PROCESS_WORKFLOW, "first", 0));
    skip(change, table);

    for (int limit : new int[] {1, 9}) {
      List<ScheduledCommand> seen = new ArrayList<>();
      assertFinal(failureOf(() -> provider().processCommands(NOON, limit, seen::add)), "trigger");
      assertThat(seen).hasSize(handled);
    }
    assertThat(database.queryForString("select count(*)::text from wfc.command_claims"))
        .isEqualTo("0");
  }

  private static EventSubscription subscription(String id, String workflow) {
    return EventSubscription.builder(workflow, "p", "n", "k").id(id).subscribeAsOf(NOON).build();
  }

  private void skipRows(String table) {
    skip("insert or update", table);
  }

  private void skip(String change, String table) {
    database.execute(
        """
        create or replace function skip_row() returns trigger language plpgsql
          as 'begin return null; end';
        create trigger skip_rows before %s on wfc.%s for each row execute function skip_row()
        """
            .formatted(change, table));
  }

  @Test
  void aGeneratedColumnThatDividesByZeroIsAFailureOfItsOwn() {
    database.execute(
        "alter table wfc.execution_pointers"
            + " add column ratio int generated always as (1 / (step_id - 7)) stored");
    WorkflowInstance second =
        instance("second").toBuilder()
            .executionPointers(List.of(ExecutionPointer.builder("second-0", 7).build()))
            .build();

    StoreException failure = failureOf(() -> provider().createNewWorkflow(second));
    assertThat(failure).hasMessageContaining("22012");
    assertThat(failure.retryable()).isFalse();
  }

  @Test
  void rowsHiddenByRowLevelSecurityAreHintedAt() throws Exception {
    String role = "hidden_" + UUID.randomUUID().toString().replace("-", "");
    database.execute(
        """
        create role %1$s;
        grant usage on schema wfc to %1$s;
        grant select, insert, update, delete on all tables in schema wfc to %1$s;
        grant usage on all sequences in schema wfc to %1$s;
        alter table wfc.workflows enable row level security;
        create policy reading on wfc.workflows for select to %1$s using (true);
        create policy writing on wfc.workflows for update to %1$s using (false)
        """
            .formatted(role));
    try (Connection connection = database.dataSource().getConnection()) {
      connection.createStatement().execute("set role " + role);
      connection.setAutoCommit(false);
      PersistenceProvider within = store.provider().within(connection);

      assertFinal(failureOf(() -> within.persistWorkflow(stored)), "row level security");
    } finally {
      database.execute("drop owned by %1$s cascade; drop role %1$s".formatted(role));
    }
  }
}
