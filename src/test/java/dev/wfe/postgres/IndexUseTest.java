package dev.wfe.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** On a store with much finished work, and statistics about it. */
@ExtendWith(TestDatabaseExtension.class)
final class IndexUseTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The ten last of each kind are not finished. */
  private static final String MUCH_FINISHED_WORK =
      """
      insert into wfc.workflows
          (id, name, definition_id, version, status, next_execution, create_time)
        select 'w' || i, 'name ' || i, 'd', 1,
          case when i > 19990 then 'Runnable' else 'Complete' end, i, now()
        from generate_series(1, 20000) i;
      insert into wfc.execution_pointers (id, workflow_id, step_id, status)
        select 'p' || i, 'w' || (i % 20000 + 1), 1, 'Complete' from generate_series(1, 40000) i;
      insert into wfc.events (id, event_name, event_key, event_time, is_processed)
        select 'e' || i, 'name', 'key ' || i, now() - i * interval '1 s', i <= 19990
        from generate_series(1, 20000) i;
      insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,
          event_name, event_key, subscribe_as_of)
        select 's' || i, 'w' || i, 1, 'p' || i, 'name', 'other key ' || i, now()
        from generate_series(1, 20000) i;
      insert into wfc.scheduled_commands (command_name, data, execute_time)
        select 'ProcessWorkflow', 'w' || i, i from generate_series(1, 20000) i;
      analyze;
      """;

  private final TestDatabase database;

  IndexUseTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void noVerbOfARunningHostScansATable() {
    database.execute(MUCH_FINISHED_WORK);
    awaitNoSession();
    List<String> before = scans();

    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      useEveryVerb(provider);
    }

    awaitNoSession();
    assertThat(scans()).isEqualTo(before);
  }

  private static void useEveryVerb(PostgresPersistenceProvider provider) {
    Instant now = Instant.now();
    assertThat(provider.getRunnableInstances(Instant.ofEpochMilli(20_000))).hasSize(10);
    assertThat(provider.getRunnableInstances(Instant.ofEpochMilli(20_000), 3)).hasSize(3);
    WorkflowInstance instance = provider.getWorkflowInstance("w20000");
    assertThat(provider.getWorkflowInstanceByName("name 20000")).isEqualTo(instance);
    assertThat(provider.getWorkflowInstances(List.of("w3", "w1"))).hasSize(2);
    WorkflowInstance changed = instance.toBuilder().description("changed").build();
    provider.persistWorkflow(provider.persistWorkflow(changed));
    provider.persistWorkflow(changed.toBuilder().revision(null).build());
    EventSubscription subscription =
        EventSubscription.builder("w1", "p1", "name", "key 1").subscribeAsOf(now).build();
    provider.persistWorkflowWithSubscriptions(
        provider.getWorkflowInstance("w20000"), List.of(subscription));
    provider.createNewWorkflow(
        instance.toBuilder().id("new").name("new").executionPointers(List.of()).build());
    provider.createEventSubscription(subscription);
    assertThat(provider.getSubscriptions("name", "other key 1", now.plusSeconds(60))).hasSize(1);
    provider.getFirstOpenSubscription("name", "other key 1", now);
    provider.setSubscriptionToken("s1", "token", "worker", Duration.ofMinutes(1));
    provider.clearSubscriptionToken("s1", "token");
    provider.terminateSubscription("s1");
    assertThat(provider.getRunnableEvents(now)).hasSize(10);
    assertThat(provider.getRunnableEvents(now, 3)).hasSize(3);
    assertThat(provider.getEvents("name", "key 1", now)).hasSize(1);
    provider.getEventsSince("name", "key 1", now);
    provider.markEventProcessed("e20000");
    provider.markEventUnprocessed("e20000");
    assertThat(provider.processCommands(Instant.ofEpochMilli(3), command -> {}).handled())
        .isEqualTo(3);
  }

  /** A session that ended has counted all that it did. */
  private void awaitNoSession() {
    String others =
        "select count(*) from pg_stat_activity where datname = current_database()"
            + " and backend_type = 'client backend' and pid <> pg_backend_pid()";
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!"0".equals(database.queryForString(others))) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private List<String> scans() {
    return database
        .queryForStrings(
            """
            select relname || ' ' || seq_scan from pg_stat_user_tables
            where schemaname = 'wfc' and relname not in ('wfe_schema_history', 'command_claims')
            order by relname
            """)
        .stream()
        .map(String::valueOf)
        .toList();
  }
}
