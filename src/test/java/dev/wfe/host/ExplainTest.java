package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an operator is told about an instance that does not go on. */
final class ExplainTest {
  private static final EventType<String> PAID = EventType.of("paid", String.class);
  private static final ActivityType<Notes, String> PACK =
      ActivityType.of("pack", Notes.class, String.class);

  private final Workflow<Notes> waiting =
      Workflow.define("waiting", 1, Notes.class)
          .await("payment", PAID, notes -> "1001", Notes::and)
          .build();

  private final Workflow<Notes> packing =
      Workflow.define("packing", 1, Notes.class)
          .activity("pack", PACK, notes -> notes, Notes::and)
          .build();

  private final Workflow<Notes> failing =
      Workflow.define("failing", 1, Notes.class)
          .run(
              "step",
              notes -> {
                throw new IllegalStateException("broken");
              },
              RetryPolicy.fixed(Duration.ofMinutes(1)).maxAttempts(2))
          .build();

  @Test
  void aWaitIsExplainedWithEventsOfOtherKeys() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      String id = test.start(waiting, Notes.NONE);
      test.publish(PAID, "1002", "receipt");

      Explanation explained = test.explain(id);

      assertThat(explained.status()).isEqualTo(WorkflowStatus.RUNNABLE);
      assertThat(explained.reasons())
          .singleElement()
          .isInstanceOfSatisfying(
              Explanation.WaitingForEvent.class,
              wait -> {
                assertThat(wait.step()).isEqualTo("payment");
                assertThat(wait.eventKey()).isEqualTo("1001");
                assertThat(wait.since()).isNotNull();
                assertThat(wait.nearMisses())
                    .extracting(EventSummary::eventKey)
                    .containsExactly("1002");
                assertThat(wait)
                    .asString()
                    .contains("waits for event paid with key 1001", "[1002]");
              });
    }
  }

  @Test
  void anActivityIsExplainedWithItsWorker() {
    try (WorkflowTest test = WorkflowTest.of(packing)) {
      String id = test.start(packing, Notes.NONE);
      assertThat(test.explain(id).reasons())
          .containsExactly(new Explanation.WaitingForWorker("pack", "pack", null, null));

      assertThat(test.take(PACK)).isPresent();

      assertThat(test.explain(id).reasons())
          .containsExactly(
              new Explanation.WaitingForWorker(
                  "pack", "pack", "test", test.now().plus(Duration.ofHours(1))));
    }
  }

  @Test
  void aFailingStepIsExplainedUntilItsLastAttempt() {
    try (WorkflowTest test = WorkflowTest.of(failing)) {
      String id = test.start(failing, Notes.NONE);
      assertThat(test.explain(id).reasons())
          .satisfiesExactly(
              due -> assertThat(due).isInstanceOf(Explanation.Scheduled.class),
              pause -> assertThat(pause).asString().endsWith("; failed attempts: 1"));

      test.advance(Duration.ofMinutes(2));

      assertThat(test.explain(id).reasons())
          .satisfiesExactly(
              suspended -> assertThat(suspended).asString().contains("suspended", "broken"),
              failed -> assertThat(failed).asString().contains("step step has failed", "broken"));
      test.terminate(id);
      assertThat(test.explain(id).reasons()).singleElement().isInstanceOf(Explanation.Ended.class);
    }
  }

  @Test
  void whatNobodyOrSomebodyHasClaimedIsExplained() {
    try (TestDatabase database = TestDatabase.migrated();
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(database.dataSource())) {
      provider.createNewWorkflow(
          WorkflowInstance.builder("unknown", 7).id("w").name("w").nextExecution(0L).build());
      WorkflowClient client = WorkflowClient.over(provider);
      assertThat(client.explain("w").reasons())
          .containsExactly(
              new Explanation.Unclaimed(Instant.EPOCH), new Explanation.NoLiveHost(null, null));

      claim(provider);

      assertThat(client.explain("w").reasons())
          .singleElement()
          .isInstanceOfSatisfying(
              Explanation.Leased.class, lease -> assertThat(lease.owner()).isEqualTo("host-1"));
    }
  }

  private static void claim(PersistenceProvider provider) {
    provider.claimWorkflows(
        new ClaimRequest(
            "host-1", List.of(new DefinitionVersion("unknown", 7)), 1, 1_000, Duration.ofHours(1)));
  }

  @Test
  void anUnknownIdIsNotFound() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      assertThatThrownBy(() -> test.explain("none")).isInstanceOf(NotFoundException.class);
    }
  }
}
