package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Deleting one workflow. */
public abstract class DeleteContract extends LeasingContract {
  private final String topic = Samples.unique("topic");

  /** A workflow to which something of everything belongs. */
  private WorkflowInstance stored() {
    WorkflowInstance instance =
        instance().executionPointers(Samples.pointers(3)).nextExecution(0L).build();
    provider().createNewWorkflow(instance);
    provider().createEventSubscription(Samples.subscription(instance.id(), topic, Samples.NOON));
    provider().persistErrors(List.of(new ExecutionError(Samples.NOON, instance.id(), "p", "m")));
    provider().scheduleCommand(ScheduledCommand.processWorkflow(instance.id(), LATER));
    return instance;
  }

  private void assertNothingIsLeftOf(WorkflowInstance instance) {
    assertThatThrownBy(() -> anotherHost().getWorkflowInstance(instance.id()))
        .isInstanceOf(NotFoundException.class);
    assertThat(anotherHost().getSubscriptions(topic, "key", Instant.MAX)).isEmpty();
    assertThat(store().storedErrors(instance.id())).isEmpty();
    List<String> commands = new ArrayList<>();
    anotherHost()
        .processCommands(
            Instant.ofEpochMilli(LATER),
            command -> {
              commands.add(command.data());
              throw new IllegalStateException("only looks");
            });
    assertThat(commands).doesNotContain(instance.id());
  }

  @Test
  void everythingThatBelongsToAWorkflowIsDeletedWithIt() {
    WorkflowInstance instance = stored();
    WorkflowInstance other = stored();
    provider().deleteWorkflow(other.id());

    provider().deleteWorkflow(instance.id());

    assertNothingIsLeftOf(instance);
    assertNothingIsLeftOf(other);
  }

  @Test
  void aWorkflowIsDeletedByItsName() {
    WorkflowInstance instance = stored();

    provider().deleteWorkflowByName(instance.name());

    assertNothingIsLeftOf(instance);
  }

  @Test
  void whatBelongsToOthersIsKept() {
    WorkflowInstance kept = stored();
    provider().createEvent(Event.builder(topic, "key").id(topic).eventTime(Samples.NOON).build());
    String deleted = provider().createNewWorkflow(instance().build());

    provider().deleteWorkflow(deleted);

    assertThat(anotherHost().getWorkflowInstance(kept.id()).executionPointers()).hasSize(3);
    assertThat(anotherHost().getSubscriptions(topic, "key", Instant.MAX))
        .extracting(EventSubscription::workflowId)
        .containsExactly(kept.id());
    assertThat(store().storedErrors(kept.id())).hasSize(1);
    assertThat(anotherHost().getEvent(topic).id()).isEqualTo(topic);
  }

  @Test
  void idNameAndPointersAreFreeAfterwards() {
    WorkflowInstance instance = stored();
    provider().deleteWorkflow(instance.id());

    provider().createNewWorkflow(instance);

    assertThat(anotherHost().getWorkflowInstance(instance.id())).isEqualTo(instance);
    assertThat(anotherHost().getSubscriptions(topic, "key", Instant.MAX)).isEmpty();
  }

  @Test
  void anUnknownWorkflowIsNotFound() {
    assertThatThrownBy(() -> provider().deleteWorkflow(topic))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(topic);
    assertThatThrownBy(() -> provider().deleteWorkflowByName(topic))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(topic);
    String id = provider().createNewWorkflow(instance().build());
    provider().deleteWorkflow(id);
    assertThatThrownBy(() -> provider().deleteWorkflow(id)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void aLeasedWorkflowIsDeletedAndItsHostIsTold() {
    ClaimedWorkflow claimed = claimed(LONG);
    String id = claimed.workflow().id();

    anotherHost().deleteWorkflow(id);

    assertThatThrownBy(
            () ->
                provider()
                    .write(
                        WorkflowWrite.of(claimed.workflow())
                            .under(claimed.claim(), WorkflowWrite.LeaseAction.KEEP)
                            .build()))
        .isInstanceOf(NotFoundException.class);
    assertThat(provider().renew(Set.of(claimed.claim()), LONG)).isEmpty();
  }

  @Test
  void theLeaseIsDeletedWithTheWorkflow() {
    ClaimedWorkflow claimed = claimed(LONG);
    provider().deleteWorkflow(claimed.workflow().id());

    provider().createNewWorkflow(instance().id(claimed.workflow().id()).nextExecution(0L).build());

    assertThat(ids(claimAll(anotherHost(), "another"))).containsExactly(claimed.workflow().id());
  }

  @Test
  void anEventThatOnlyTheWorkflowAwaitedIsProcessedAfterwards() {
    WorkflowInstance instance = stored();
    String event = provider().createEvent(Samples.event(topic, Samples.NOON));
    assertThat(provider().markEventProcessed(event)).isFalse();

    provider().deleteWorkflow(instance.id());

    assertThat(anotherHost().markEventProcessed(event)).isTrue();
  }

  @Test
  void aDeleteIsUndoneWithItsTransaction() {
    WorkflowInstance instance = stored();

    assertThatThrownBy(
            () ->
                provider()
                    .inTransaction(
                        transaction -> {
                          transaction.provider().deleteWorkflow(instance.id());
                          throw new IllegalStateException("undo");
                        }))
        .hasMessage("undo");

    assertThat(anotherHost().getWorkflowInstance(instance.id()).executionPointers()).hasSize(3);
    assertThat(anotherHost().getSubscriptions(topic, "key", Instant.MAX)).hasSize(1);
  }
}
