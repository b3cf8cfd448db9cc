package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ValueLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Keys of the maximum length in every field at once, made of random letters: an index has space for
 * a thousand equal letters, but perhaps not for these.
 */
public abstract class GreatestKeysContract extends Contract {
  private final Random random = new Random(11);

  private String key() {
    StringBuilder key = new StringBuilder(ValueLimits.MAX_KEY_BYTES);
    while (key.length() < ValueLimits.MAX_KEY_BYTES) {
      key.append((char) ('!' + random.nextInt('~' - '!')));
    }
    return key.toString();
  }

  @Test
  void ofAnInstanceAndItsPointers() {
    ExecutionPointer pointer =
        ExecutionPointer.builder(0)
            .id(key())
            .eventName(key())
            .eventKey(key())
            .stepName(key())
            .predecessorId(key())
            .children(List.of(key(), key()))
            .scope(List.of(key(), key()))
            .build();
    WorkflowInstance instance =
        WorkflowInstance.builder(key(), 0)
            .id(key())
            .name(key())
            .rootWorkflowId(key())
            .description(key())
            .reference(key())
            .limitKey(key())
            .executionPointers(List.of(pointer))
            .createTime(Samples.NOON)
            .build();
    store().empty();

    provider().createNewWorkflow(instance);

    WorkflowInstance read = provider().getWorkflowInstanceByName(instance.name());
    assertThat(read).isEqualTo(instance);
    assertThat(provider().persistWorkflow(read)).isEqualTo(instance);
    assertThat(provider().getRunnableInstances(Instant.MAX)).containsExactly(instance.id());
    assertThat(provider().nextDefinitionSequence(instance.workflowDefinitionId())).isEqualTo(1);
  }

  @Test
  void ofEventsAndSubscriptions() {
    Event event =
        Event.builder(key(), key()).id(key()).eventTime(Samples.NOON).processed(true).build();
    EventSubscription subscription =
        EventSubscription.builder(key(), key(), event.eventName(), event.eventKey())
            .id(key())
            .subscribeAsOf(Samples.NOON)
            .excludedEventIds(
                Stream.generate(this::key).limit(ValueLimits.MAX_EXCLUDED_EVENTS).toList())
            .build();
    String token = key();
    store().empty();
    provider()
        .createNewWorkflow(Samples.instance().toBuilder().id(subscription.workflowId()).build());

    provider().createEvent(event);
    provider().createEventSubscription(subscription);

    assertThat(provider().getEvent(event.id()).eventKey()).isEqualTo(event.eventKey());
    assertThat(provider().getRunnableEvents(Instant.MAX)).containsExactly(event.id());
    assertThat(provider().markEventProcessed(event.id())).isFalse();
    assertThat(provider().getEvents(event.eventName(), event.eventKey(), Samples.NOON))
        .containsExactly(event.id());
    assertThat(provider().getSubscriptions(event.eventName(), event.eventKey(), Samples.NOON))
        .containsExactly(subscription);
    assertThat(provider().setSubscriptionToken(subscription.id(), token, key(), Duration.ofDays(1)))
        .isTrue();
    provider().clearSubscriptionToken(subscription.id(), token);
    assertThat(provider().getSubscription(subscription.id())).isEqualTo(subscription);
    provider().terminateSubscription(subscription.id());
    assertThat(provider().markEventProcessed(event.id())).isTrue();
  }

  @Test
  void ofCommandsAndErrors() {
    ScheduledCommand command = ScheduledCommand.processWorkflow(key(), 0);
    ExecutionError error = ExecutionError.now(key(), key(), key());
    List<ScheduledCommand> handled = new ArrayList<>();
    store().empty();

    provider().scheduleCommand(command);
    provider().scheduleCommandAtEarliest(command);
    provider().processCommands(Instant.MAX, handled::add);
    provider().persistErrors(List.of(error));

    assertThat(handled).containsExactly(command);
    assertThat(store().storedErrors(error.workflowId())).containsExactly(error);
  }
}
