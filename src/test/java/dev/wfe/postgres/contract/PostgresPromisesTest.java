package dev.wfe.postgres.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract promises about the tables themselves, checked by SQL. */
class PostgresPromisesTest {
  private static final Instant NOON = Instant.parse("2024-02-29T12:00:00Z");

  private static TestDatabase database;
  private static PostgresStore store;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
    store = new PostgresStore(database, PostgresOptions.defaults());
  }

  @AfterAll
  static void close() {
    store.close();
    database.close();
  }

  @BeforeEach
  void startEmpty() {
    store.empty();
  }

  private static PostgresPersistenceProvider provider() {
    return store.provider();
  }

  private static WorkflowInstance newInstance(ExecutionPointer... pointers) {
    WorkflowInstance instance =
        WorkflowInstance.builder("definition", 1)
            .id(UUID.randomUUID().toString())
            .executionPointers(List.of(pointers))
            .build();
    provider().createNewWorkflow(instance);
    return provider().getWorkflowInstance(instance.id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update wfc.workflows set reference = 'theirs'",
        "update wfc.workflows set reference = reference",
        "update wfc.workflows set version = 2; update wfc.workflows set version = 1",
        "delete from wfc.workflows; insert into wfc.workflows"
            + " (id, name, definition_id, version, status, create_time)"
            + " select id, id, 'definition', 1, 'Runnable', now() from old"
      })
  void anyWriterOfTheRowMakesARevisionStale(String sql) {
    WorkflowInstance read = newInstance();
    database.execute(
        "begin; create temporary table old on commit drop as select id from wfc.workflows; %s; commit"
            .formatted(sql));

    assertThatThrownBy(() -> provider().persistWorkflow(read))
        .isInstanceOf(StaleRevisionException.class);
  }

  /** Both writes of one transaction carry its number, so that alone would not tell them apart. */
  @Test
  void aReadBetweenTwoWritesOfOneTransactionIsStale() throws Exception {
    WorkflowInstance read = newInstance();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("update wfc.workflows set reference = 'first'");
      statement.execute("update wfc.workflows set reference = 'second'");
      connection.commit();
    }

    assertThatThrownBy(() -> provider().persistWorkflow(read))
        .isInstanceOf(StaleRevisionException.class);
    assertThat(provider().getWorkflowInstance(read.id()).reference()).isEqualTo("second");
  }

  @Test
  void sqlThatWritesOnlyPointersIsNotNoticed() {
    WorkflowInstance read = newInstance(ExecutionPointer.builder(1).build());
    database.execute("update wfc.execution_pointers set step_name = 'theirs'");

    provider().persistWorkflow(read.toBuilder().reference("ours").build());

    assertThat(provider().getWorkflowInstance(read.id()).reference()).isEqualTo("ours");
  }

  @Test
  void eachPersistLeavesItsTimeByTheDatabasesClock() {
    WorkflowInstance instance = newInstance();
    String heartbeat =
        "select coalesce(last_heartbeat_at between %s and clock_timestamp(), false)"
            + " from wfc.workflows";

    WorkflowInstance persisted = provider().persistWorkflow(instance);
    assertThat(
            database.queryForString(heartbeat.formatted("clock_timestamp() - interval '1 minute'")))
        .isEqualTo("t");

    database.execute("update wfc.workflows set last_heartbeat_at = '2001-01-01'");
    provider().persistWorkflow(persisted.toBuilder().revision(null).build());
    assertThat(
            database.queryForString(heartbeat.formatted("clock_timestamp() - interval '1 minute'")))
        .isEqualTo("t");
  }

  @Test
  void absentTimesAreStampedByTheDatabasesClock() {
    newInstance();
    provider().createEvent(Event.builder("name", "key").id("stamped").build());
    String stamp = "%s between now() - interval '1 minute' and clock_timestamp()";

    assertThat(
            database.queryForString(
                "select (select %s from wfc.workflows) and (select %s from wfc.events)"
                    .formatted(stamp.formatted("create_time"), stamp.formatted("event_time"))))
        .isEqualTo("t");
  }

  @Test
  void absentJsonIsNullAndJsonNullIsJson() {
    newInstance(
        ExecutionPointer.builder(1)
            .eventData(NullNode.getInstance())
            .outcome(NullNode.getInstance())
            .build());

    assertThat(
            database.queryForString(
                "select event_data = 'null' and outcome = 'null' and persistence_data is null"
                    + " and context_item is null from wfc.execution_pointers"))
        .isEqualTo("t");
  }

  @Test
  void aHoldEndsByTheDatabasesClock() {
    EventSubscription subscription =
        EventSubscription.builder("workflow", "pointer", "topic", "key")
            .subscribeAsOf(Instant.EPOCH)
            .id("s")
            .build();
    provider().createEventSubscription(subscription);

    provider().setSubscriptionToken("s", "token", "worker", Duration.ofHours(2));

    assertThat(
            database.queryForString(
                "select external_token_expiry - interval '2 hours' between"
                    + " now() - interval '1 minute' and now() from wfc.event_subscriptions"))
        .isEqualTo("t");
  }

  @Test
  void schedulingWhatIsScheduledUsesUpNoNumber() {
    ScheduledCommand command = ScheduledCommand.processWorkflow("id", 1);
    provider().scheduleCommand(command);
    String last = "select pg_sequence_last_value(pg_get_serial_sequence('%s', 'id'))";
    String before = database.queryForString(last.formatted("wfc.scheduled_commands"));

    IntStream.range(0, 50)
        .forEach(
            i -> {
              provider().scheduleCommand(command.toBuilder().executeTime(i).build());
              provider().scheduleCommandAtEarliest(command.toBuilder().executeTime(-i).build());
            });

    assertThat(database.queryForString(last.formatted("wfc.scheduled_commands"))).isEqualTo(before);
    assertThat(database.queryForStrings("select execute_time from wfc.scheduled_commands"))
        .containsExactly("-49");
  }

  @Test
  void noConnectionIsHeldWhileAHandlerRuns() {
    provider().scheduleCommand(ScheduledCommand.processWorkflow("id", 1));
    String inTransaction =
        "select count(*) from pg_stat_activity where datname = current_database()"
            + " and pid <> pg_backend_pid() and (state <> 'idle' or xact_start is not null)"
            + " and backend_type = 'client backend'";

    provider()
        .processCommands(
            NOON, command -> assertThat(database.queryForString(inTransaction)).isEqualTo("0"));
  }

  @Test
  void truncatingEmptiesTheCountersToo() {
    provider().nextDefinitionSequence("definition");
    provider().scheduleCommand(ScheduledCommand.processWorkflow("id", 1));

    provider().truncateAll();

    assertThat(provider().nextDefinitionSequence("definition")).isEqualTo(1);
    provider().scheduleCommand(ScheduledCommand.processWorkflow("id", 1));
    assertThat(database.queryForString("select id from wfc.scheduled_commands")).isEqualTo("1");
  }
}
