package dev.wfe.postgres.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.retention.ExportSink;
import dev.wfe.retention.Purge;
import dev.wfe.retention.Retention;
import java.io.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Purges, exports that delete, hosts and other writers work on one store at the same time. Each old
 * workflow is deleted once, no orphan stays, and nothing waits in a circle.
 */
final class PurgersAndHostsTest {
  private static final int OLD_WORKFLOWS = 400;
  private static final int OLD_EVENTS = 300;
  private static final int NEW_WORKFLOWS = 60;
  private static final int PURGERS = 4;
  private static final Instant OLD = Instant.parse("2020-01-01T00:00:00Z");
  private static final Duration YEAR = Duration.ofDays(365);
  private static final Retention ENDED =
      Retention.builder().complete(YEAR).terminated(YEAR).events(YEAR).build();

  private static final Workflow<Integer> WORK =
      Workflow.define("work", 1, Integer.class)
          .update("one", number -> number + 1)
          .run("two", number -> {})
          .run("three", number -> {})
          .build();

  /** Rows of each table that belong to a workflow or event that is not there. */
  private static final List<String> ORPHANS =
      List.of(
          "wfc.execution_pointers a where not exists"
              + " (select from wfc.workflows w where w.id = a.workflow_id)",
          "wfc.event_subscriptions a where not exists"
              + " (select from wfc.workflows w where w.id = a.workflow_id)",
          "wfc.execution_errors a where not exists"
              + " (select from wfc.workflows w where w.id = a.workflow_id)",
          "wfc.workflow_leases a where not exists"
              + " (select from wfc.workflows w where w.id = a.workflow_id)",
          "wfc.event_leases a where not exists"
              + " (select from wfc.events e where e.id = a.event_id)",
          "wfc.scheduled_commands a where a.command_name = 'ProcessWorkflow' and not exists"
              + " (select from wfc.workflows w where w.id = a.data)");

  private final long seed = Long.getLong("wfe.test.purge.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private String id(int number) {
    return "old" + number;
  }

  private void fill(PersistenceProvider provider, TestDatabase database) {
    for (int i = 0; i < OLD_WORKFLOWS; i++) {
      String id = id(i);
      provider.createNewWorkflow(
          WorkflowInstance.builder("old", 1)
              .id(id)
              .status(random.nextBoolean() ? WorkflowStatus.COMPLETE : WorkflowStatus.TERMINATED)
              .createTime(OLD)
              .completeTime(OLD.plusSeconds(random.nextInt(10)))
              .executionPointers(
                  IntStream.range(0, random.nextInt(8))
                      .mapToObj(n -> ExecutionPointer.builder(id + "-" + n, n).build())
                      .toList())
              .build());
      for (int n = random.nextInt(3); n > 0; n--) {
        provider.createEventSubscription(
            EventSubscription.builder(id, "p", "topic", "key" + random.nextInt(5))
                .id("s" + id + n)
                .subscribeAsOf(OLD)
                .build());
      }
      for (int n = random.nextInt(3); n > 0; n--) {
        provider.persistErrors(List.of(new ExecutionError(OLD, id, "p", "m")));
      }
      if (random.nextBoolean()) {
        provider.scheduleCommand(ScheduledCommand.processWorkflow(id, 4_000_000_000_000L + i));
      }
    }
    for (int i = 0; i < OLD_EVENTS; i++) {
      provider.createEvent(
          Event.builder("topic", "key" + random.nextInt(5))
              .id("e" + i)
              .eventTime(OLD.plusSeconds(random.nextInt(10)))
              .processed(true)
              .build());
    }
    database.execute(
        """
        insert into wfc.workflow_leases (workflow_id, owner, epoch, attempt, expires_at)
          select id, 'host', 1, 1, now() from wfc.workflows where hashtext(id) % 3 = 0;
        insert into wfc.event_leases (event_id, owner, epoch, expires_at)
          select id, 'host', 1, now() from wfc.events where hashtext(id) % 3 = 0;
        """);
  }

  private static PostgresPersistenceProvider open(TestDatabase database) {
    return PostgresPersistenceProvider.connect(
        database.url(), PostgresOptions.builder().poolSize(8).retryTimeout(Duration.ZERO).build());
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void eachRowIsDeletedOnceAndNoOrphanStays() throws Exception {
    try (TestDatabase database = TestDatabase.migrated();
        PostgresPersistenceProvider one = open(database);
        PostgresPersistenceProvider other = open(database)) {
      fill(one, database);
      long deleted;
      try (WorkflowHost host = WorkflowHost.builder(one).workflow(WORK).build();
          WorkflowHost another = WorkflowHost.builder(other).workflow(WORK).build()) {
        host.start();
        another.start();
        List<String> started = new ArrayList<>();
        for (int i = 0; i < NEW_WORKFLOWS; i++) {
          started.add(host.startWorkflow(WORK, i).id());
        }
        deleted = purgeTogether(one, other);
        for (String id : started) {
          host.awaitEnd(WORK, id, Duration.ofMinutes(1));
        }
      }

      assertThat(deleted).as("seed %s", seed).isEqualTo(OLD_WORKFLOWS + OLD_EVENTS);
      assertThat(database.queryForString("select count(*) from wfc.workflows"))
          .isEqualTo(Integer.toString(NEW_WORKFLOWS));
      assertThat(database.queryForString("select count(*) from wfc.events")).isEqualTo("0");
      for (String orphans : ORPHANS) {
        assertThat(database.queryForString("select count(*) from " + orphans))
            .as(orphans)
            .isEqualTo("0");
      }
      assertThat(
              database.queryForString(
                  "select deadlocks from pg_stat_database where datname = current_database()"))
          .isEqualTo("0");
    }
  }

  private long purgeTogether(PersistenceProvider one, PersistenceProvider other) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(PURGERS + 2);
    try {
      List<Future<Long>> purgers = new ArrayList<>();
      for (int i = 0; i < PURGERS; i++) {
        purgers.add(threads.submit(purger(i % 2 == 0 ? one : other, i)));
      }
      List<Future<?>> writers =
          List.of(
              threads.submit(() -> write(one, new Random(seed + 1))),
              threads.submit(() -> write(other, new Random(seed + 2))));
      long deleted = 0;
      for (Future<Long> purger : purgers) {
        deleted += purger.get();
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      return deleted + purge(one, 3, false);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Callable<Long> purger(PersistenceProvider provider, int number) {
    return () -> purge(provider, 5 + number, number == 0) + purge(provider, 3, number == 0);
  }

  private static long purge(PersistenceProvider provider, int batchSize, boolean exports)
      throws Exception {
    Purge.Builder purge = Purge.of(provider, ENDED).pause(Duration.ZERO).batchSize(batchSize);
    return (exports ? purge.exportTo(ExportSink.to(Writer.nullWriter())) : purge).build().run();
  }

  /** Writes to what is being purged, as operators, workers and late hosts do. */
  private void write(PersistenceProvider provider, Random choice) {
    for (int i = 0; i < 300; i++) {
      String id = id(choice.nextInt(OLD_WORKFLOWS));
      try {
        switch (choice.nextInt(5)) {
          case 0 -> {
            WorkflowInstance read = provider.getWorkflowInstance(id);
            provider.persistWorkflow(read.toBuilder().reference("r" + i).build());
          }
          case 1 ->
              provider.terminateSubscriptions(
                  List.of("s" + id + 1, "s" + id(choice.nextInt(OLD_WORKFLOWS)) + 2));
          case 2 -> provider.markEventProcessed("e" + choice.nextInt(OLD_EVENTS));
          case 3 -> provider.processCommands(Instant.EPOCH, 1, command -> {});
          default -> provider.getWorkflowInstance(id);
        }
      } catch (NotFoundException | StaleRevisionException gone) {
        assertThat(gone.retryable()).isFalse();
      }
    }
  }
}
