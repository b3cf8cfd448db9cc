package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Event;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import dev.wfe.retention.Retention;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A host deletes what its retention does not keep. */
@ExtendWith(TestDatabaseExtension.class)
final class RetentionTest {
  private static final Instant OLD = Instant.parse("2020-01-01T00:00:00Z");
  private static final Retention DAYS =
      Retention.builder().complete(Duration.ofDays(30)).events(Duration.ofDays(30)).build();

  private static String complete(PersistenceProvider provider, Instant time) {
    return provider.createNewWorkflow(
        WorkflowInstance.builder("order", 1)
            .status(WorkflowStatus.COMPLETE)
            .completeTime(time)
            .build());
  }

  private static void purges(PersistenceProvider provider) {
    List<String> ids = List.of(complete(provider, OLD), complete(provider, Instant.now()));
    provider.createEvent(Event.builder("paid", "1").eventTime(OLD).processed(true).build());
    Map<PurgeTarget.Kind, Integer> purged = new ConcurrentHashMap<>();
    HostListener listener =
        new HostListener() {
          @Override
          public void purged(PurgeTarget.Kind kind, int count) {
            purged.merge(kind, count, Integer::sum);
          }
        };
    try (WorkflowHost host =
        WorkflowHost.builder(provider).retention(DAYS).listener(listener).build()) {
      host.start();
      Eventually.until("both kinds are purged", () -> purged.size() == 2);
    }

    assertThat(provider.getWorkflowInstances(ids).stream().map(WorkflowInstance::id))
        .containsExactly(ids.get(1));
    assertThat(purged)
        .containsOnly(
            Map.entry(PurgeTarget.Kind.WORKFLOW, 1), Map.entry(PurgeTarget.Kind.EVENT, 1));
  }

  @Test
  void whatIsOldIsDeletedInMemory() {
    purges(new InMemoryPersistenceProvider());
  }

  @Test
  void whatIsOldIsDeletedInPostgres(TestDatabase database) {
    try (var provider = PostgresPersistenceProvider.over(database.dataSource())) {
      purges(provider);
    }
  }

  @Test
  void aHostWithoutARetentionHasNoThreadForIt() {
    try (WorkflowHost host = WorkflowHost.builder(new InMemoryPersistenceProvider()).build()) {
      host.start();
      assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
          .contains("wfe-host-claims")
          .doesNotContain("wfe-host-purge");
    }
  }

  /** The step of the first workflow waits until the workflow is deleted. */
  private static void isDropped(PersistenceProvider provider) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch deleted = new CountDownLatch(1);
    Workflow<Boolean> work =
        Workflow.define("deleted", 1, Boolean.class)
            .run(
                "waits",
                waits -> {
                  if (waits) {
                    begun.countDown();
                    deleted.await();
                  }
                })
            .run("goes on", waits -> {})
            .build();
    try (WorkflowHost host = WorkflowHost.builder(provider).workflow(work).build()) {
      host.start();
      String id = host.startWorkflow(work, true).id();
      begun.await();
      provider.deleteWorkflow(id);
      deleted.countDown();
      String other = host.startWorkflow(work, false).id();

      assertThat(host.awaitEnd(work, other, Duration.ofMinutes(1)).status())
          .isEqualTo(WorkflowStatus.COMPLETE);
      Eventually.until("the deleted one is dropped", () -> host.size() == 0);
      assertThat(provider.getWorkflowInstances(List.of(id))).isEmpty();
      assertThat(host.health().failingSince()).isNull();
    }
  }

  @Test
  void aWorkflowThatIsDeletedWhileItRunsIsDroppedInMemory() throws Exception {
    isDropped(new InMemoryPersistenceProvider());
  }

  @Test
  void aWorkflowThatIsDeletedWhileItRunsIsDroppedInPostgres(TestDatabase database)
      throws Exception {
    try (var provider = PostgresPersistenceProvider.over(database.dataSource())) {
      isDropped(provider);
    }
  }
}
