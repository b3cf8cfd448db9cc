package dev.wfe.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
class ProviderTest {
  @Test
  void aWorkflowIsCreatedReadAndPersisted(TestDatabase database) {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      List<ExecutionPointer> pointers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        pointers.add(
            ExecutionPointer.builder(i)
                .outcome(i % 2 == 0 ? JsonNodeFactory.instance.nullNode() : null)
                .children(List.of("a", "b"))
                .startTime(Instant.now())
                .build());
      }
      WorkflowInstance created =
          WorkflowInstance.builder("order", 1).executionPointers(pointers).build();
      String id = provider.createNewWorkflow(created);
      WorkflowInstance read = provider.getWorkflowInstance(id);
      assertThat(read).isEqualTo(created.toBuilder().id(id).name(id).build());
      assertThat(provider.getRunnableInstances(Instant.now())).contains(id);

      pointers.set(3, pointers.get(3).toBuilder().status(PointerStatus.COMPLETE).build());
      pointers.remove(7);
      pointers.add(ExecutionPointer.builder(11).build());
      WorkflowInstance changed = read.toBuilder().executionPointers(pointers).build();
      WorkflowInstance persisted = provider.persistWorkflow(changed);
      assertThat(provider.getWorkflowInstanceByName(id)).isEqualTo(changed);
      assertThatThrownBy(() -> provider.persistWorkflow(changed))
          .isInstanceOf(StaleRevisionException.class);
      WorkflowInstance again = provider.persistWorkflow(persisted);
      provider.persistWorkflow(again.toBuilder().revision(null).build());
      assertThat(provider.getWorkflowInstances(List.of("x", id))).containsExactly(changed);
      assertThatThrownBy(() -> provider.createNewWorkflow(changed))
          .isInstanceOf(DuplicateException.class);
      provider.persistErrors(List.of(ExecutionError.now(id, "p", "m")));
      assertThat(provider.nextDefinitionSequence("d")).isEqualTo(1);
      assertThat(provider.nextDefinitionSequence("d")).isEqualTo(2);

      Event event = Event.builder("paid", "1").build();
      String eventId = provider.createEvent(event);
      assertThat(provider.markEventProcessed(eventId)).isTrue();
      PersistedWorkflow subscribed =
          provider.persistWorkflowWithSubscriptions(
              provider.getWorkflowInstance(id),
              List.of(
                  EventSubscription.builder(id, "p", "paid", "1")
                      .subscribeAsOf(Instant.EPOCH)
                      .build()));
      assertThat(subscribed.eventIds()).containsExactly(eventId);
      assertThat(provider.getEvent(eventId)).isEqualTo(event.toBuilder().id(eventId).build());
      assertThat(provider.getRunnableEvents(Instant.MAX)).containsExactly(eventId);
      assertThat(provider.getEvents("paid", "1", Instant.MAX)).containsExactly(eventId);
      assertThat(provider.markEventProcessed(eventId)).isFalse();
      String subscription = subscribed.subscriptionIds().get(0);
      assertThat(provider.setSubscriptionToken(subscription, "t", "w", Duration.ofHours(1)))
          .isTrue();
      assertThat(provider.setSubscriptionToken(subscription, "t", "w", Instant.now())).isFalse();
      assertThat(provider.getFirstOpenSubscription("paid", "1", Instant.MAX)).isEmpty();
      provider.clearSubscriptionToken(subscription, "t");
      assertThat(provider.getFirstOpenSubscription("paid", "1", Instant.MAX)).isPresent();
      provider.terminateSubscription(subscription);
      assertThat(provider.markEventProcessed(eventId)).isTrue();

      for (int i = 0; i < 100; i++) {
        provider.scheduleCommand(ScheduledCommand.processWorkflow("w" + i, i));
        provider.scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("w" + i, i + 1));
      }
      List<ScheduledCommand> seen = new ArrayList<>();
      assertThat(provider.processCommands(Instant.now(), seen::add).handled()).isEqualTo(100);
      assertThat(seen).hasSize(100);
      assertThat(provider.processCommands(Instant.now(), seen::add).handled()).isZero();
      provider.validateStore();
      provider.truncateAll();
    }
  }
}
