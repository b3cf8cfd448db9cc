package dev.wfe.postgres.interoperability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An unreadable row hides no other row from an operation that lists. */
@ExtendWith(TestDatabaseExtension.class)
final class UnreadableRowsTest {
  private static final Instant NOON = Instant.parse("2024-02-29T12:00:00Z");

  private final TestDatabase database;

  UnreadableRowsTest(TestDatabase database) {
    this.database = database;
  }

  private static EventSubscription subscription(int number) {
    return EventSubscription.builder("workflow", "pointer", "topic", "key")
        .id(String.format(Locale.ROOT, "s%03d", number))
        .subscribeAsOf(NOON)
        .build();
  }

  private static WorkflowInstance instance(String id) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .executionPointers(
            List.of(
                ExecutionPointer.builder(id + " 1", 0).build(),
                ExecutionPointer.builder(id + " 2", 1).build()))
        .createTime(NOON)
        .build();
  }

  @Test
  void manyUnreadableSubscriptionsAheadLeaveTheLimitToTheOthers() {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      provider.truncateAll();
      for (int i = 0; i < 60; i++) {
        provider.createEventSubscription(subscription(i));
      }
      database.execute(
          "update wfc.event_subscriptions set external_token_expiry = '-infinity' where id <"
              + " 's050'");

      assertThat(provider.getSubscriptions("topic", "key", NOON))
          .extracting(EventSubscription::id)
          .hasSize(10)
          .startsWith("s050");
      assertThat(provider.getSubscriptions("topic", "key", NOON, 3))
          .extracting(EventSubscription::id)
          .containsExactly("s050", "s051", "s052");
      assertThat(provider.getSubscriptions("topic", "key", NOON, 100)).hasSize(10);
      assertThat(provider.getFirstOpenSubscription("topic", "key", NOON))
          .contains(subscription(50));
      assertThatThrownBy(() -> provider.getSubscription("s001"))
          .isInstanceOf(UnreadableRowException.class);
    }
  }

  @Test
  void onlyUnreadableSubscriptionsAreAnEmptyList() {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      provider.truncateAll();
      provider.createEventSubscription(subscription(1));
      database.execute("update wfc.event_subscriptions set external_token_expiry = 'infinity'");

      assertThat(provider.getSubscriptions("topic", "key", NOON)).isEmpty();
      assertThat(provider.getSubscriptions("topic", "key", NOON, 1)).isEmpty();
      assertThat(provider.getFirstOpenSubscription("topic", "key", NOON)).isEmpty();
    }
  }

  @Test
  void aRowThatIsLeftOutIsLoggedOnceWithItsId() {
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url());
        LogCapture log = new LogCapture()) {
      provider.truncateAll();
      provider.createEventSubscription(subscription(1).toBuilder().id("logged once").build());
      database.execute("update wfc.event_subscriptions set external_token_expiry = 'infinity'");

      provider.getSubscriptions("topic", "key", NOON);
      provider.getFirstOpenSubscription("topic", "key", NOON);

      assertThat(log.text().lines())
          .filteredOn(line -> line.contains("leaves out a row"))
          .hasSize(1)
          .allMatch(line -> line.contains("'logged once'"));
    }
  }

  @Test
  void anInstanceIsLeftOutForTheSakeOfOnePointer() {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      provider.truncateAll();
      for (String id : List.of("a", "b", "c")) {
        provider.createNewWorkflow(instance(id));
      }
      database.execute(
          "update wfc.execution_pointers set status = 'Paused' where id in ('b 1', 'b 2')");
      database.execute("update wfc.workflows set create_time = 'infinity' where id = 'c'");
      database.execute("update wfc.execution_pointers set scope = '1' where id = 'c 1'");

      assertThat(provider.getWorkflowInstances(List.of("c", "b", "a")))
          .extracting(WorkflowInstance::id)
          .containsExactly("a");
      assertThat(provider.getWorkflowInstances(List.of("a")).get(0).executionPointers()).hasSize(2);
      for (String id : List.of("b", "c")) {
        assertThatThrownBy(() -> provider.getWorkflowInstance(id))
            .isInstanceOf(UnreadableRowException.class);
      }
      assertThat(provider.getRunnableInstances(NOON)).containsExactly("a", "b", "c");
    }
  }

  @Test
  void anInstanceThatCannotBeReadTakesNoPlaceOfALimit() {
    ClaimLimits one = new ClaimLimits(1, null, null);
    ClaimRequest request =
        new ClaimRequest(
            "host",
            List.of(new DefinitionVersion("definition", 1)),
            10,
            Long.MAX_VALUE,
            Duration.ofHours(1),
            Map.of("definition", one));
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      provider.truncateAll();
      for (String id : List.of("a", "b", "c")) {
        provider.createNewWorkflow(instance(id).toBuilder().nextExecution(1L).build());
      }
      database.execute("update wfc.execution_pointers set status = 'Paused' where id = 'a 2'");

      assertThat(provider.claimWorkflows(request).workflows()).isEmpty();
      assertThat(provider.claimWorkflows(request).workflows())
          .singleElement()
          .satisfies(claimed -> assertThat(claimed.workflow().id()).isEqualTo("b"));
      assertThat(provider.claimWorkflows(request).workflows()).isEmpty();
      assertThat(database.queryForStrings("select workflow_id from wfc.workflow_leases order by 1"))
          .containsExactly("a", "b");
    }
  }

  @Test
  void eventsOfInfiniteTimesAreLeftOutOfPages() {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      database.execute(
          "insert into wfc.events (id, event_name, event_key, event_time) values"
              + " ('past', 'n', 'k', '-infinity'), ('e', 'n', 'k', now()),"
              + " ('future', 'n', 'k', 'infinity')");

      assertThat(provider.getRunnableEvents(Instant.MAX, 10, null).ids()).containsExactly("e");
    }
  }
}
