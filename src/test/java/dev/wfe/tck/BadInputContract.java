package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guarantee 6: bad input is refused before it is written, with the field, the offending id and the
 * limit in the message; nothing is written, and the provider goes on.
 */
public abstract class BadInputContract extends Contract {
  /** The id is that of the whole value; it is in the message unless it is what is wrong. */
  private static void assertRefused(
      BadValue<?> bad, String path, String id, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidValueException.class,
            refusal -> {
              assertThat(refusal.field()).isEqualTo(path + bad.field());
              assertThat(refusal.problem()).contains(bad.problem());
              assertThat(refusal.getMessage()).contains(bad.field(), refusal.problem());
              assertThat(refusal.getMessage()).hasSizeLessThan(500);
              assertThat(refusal.retryable()).isFalse();
              if (!bad.field().equals("id") && !bad.field().equals("workflowId")) {
                assertThat(refusal.getMessage()).contains(id);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.BadFields#ofInstance")
  void anInstanceIsNotCreated(BadValue<WorkflowInstance.Builder> bad) {
    WorkflowInstance good = Samples.fullInstance();
    WorkflowInstance.Builder spoilt = good.toBuilder();
    bad.spoil().accept(spoilt);

    assertRefused(bad, "", good.id(), () -> provider().createNewWorkflow(spoilt.build()));
    assertRefused(bad, "", good.id(), () -> provider().create(spoilt.build()));
    WorkflowInstance parent = Samples.instance();
    assertRefused(
        bad,
        "",
        good.id(),
        () -> provider().write(WorkflowWrite.of(parent).create(List.of(spoilt.build())).build()));

    assertThatThrownBy(() -> provider().getWorkflowInstance(good.id()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> provider().getWorkflowInstanceByName(good.name()))
        .isInstanceOf(NotFoundException.class);
    provider().createNewWorkflow(good);
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.BadFields#ofInstance")
  void anInstanceIsNotPersisted(BadValue<WorkflowInstance.Builder> bad) {
    WorkflowInstance instance = Samples.fullInstance();
    provider().createNewWorkflow(instance);
    WorkflowInstance good = provider().getWorkflowInstance(instance.id());
    WorkflowInstance.Builder spoilt = good.toBuilder().reference("changed");
    bad.spoil().accept(spoilt);
    EventSubscription subscription = Samples.subscription("topic", Samples.NOON);

    assertRefused(bad, "", good.id(), () -> provider().persistWorkflow(spoilt.build()));
    assertRefused(
        bad, "", good.id(), () -> provider().write(WorkflowWrite.of(spoilt.build()).build()));
    assertRefused(
        bad,
        "",
        good.id(),
        () -> provider().persistWorkflowWithSubscriptions(spoilt.build(), List.of(subscription)));

    assertThat(provider().getWorkflowInstance(good.id())).isEqualTo(good);
    assertThatThrownBy(() -> provider().getSubscription(subscription.id()))
        .isInstanceOf(NotFoundException.class);
    provider().persistWorkflow(good);
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.BadFields#ofEvent")
  void anEventIsNotCreated(BadValue<Event.Builder> bad) {
    Event good = Samples.event("topic", Samples.NOON);
    Event.Builder spoilt = good.toBuilder();
    bad.spoil().accept(spoilt);

    assertRefused(bad, "", good.id(), () -> provider().createEvent(spoilt.build()));
    WorkflowInstance parent = Samples.instance();
    assertRefused(
        bad,
        "",
        good.id(),
        () -> provider().write(WorkflowWrite.of(parent).publish(List.of(spoilt.build())).build()));

    assertThatThrownBy(() -> provider().getEvent(good.id())).isInstanceOf(NotFoundException.class);
    provider().createEvent(good);
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.BadFields#ofSubscription")
  void aSubscriptionIsNotCreated(BadValue<EventSubscription.Builder> bad) {
    EventSubscription good = Samples.subscription("topic", Samples.NOON);
    EventSubscription.Builder spoilt = good.toBuilder();
    bad.spoil().accept(spoilt);

    assertRefused(bad, "", good.id(), () -> provider().createEventSubscription(spoilt.build()));

    assertThatThrownBy(() -> provider().getSubscription(good.id()))
        .isInstanceOf(NotFoundException.class);
    provider().createEventSubscription(good);
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.BadFields#ofSubscription")
  void oneBadSubscriptionLeavesNothingOfAllBehind(BadValue<EventSubscription.Builder> bad) {
    WorkflowInstance instance = Samples.instance();
    provider().createNewWorkflow(instance);
    EventSubscription good = Samples.subscription("topic", Samples.NOON);
    EventSubscription second = Samples.subscription("topic", Samples.NOON);
    EventSubscription.Builder spoilt = second.toBuilder();
    bad.spoil().accept(spoilt);

    assertRefused(
        bad,
        "",
        second.id(),
        () ->
            provider()
                .persistWorkflowWithSubscriptions(
                    instance.toBuilder().reference("changed").build(),
                    List.of(good, spoilt.build())));

    assertRefused(
        bad,
        "",
        second.id(),
        () ->
            provider()
                .write(
                    WorkflowWrite.of(instance.toBuilder().reference("changed").build())
                        .subscribe(List.of(good, spoilt.build()))
                        .build()));

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
    assertThatThrownBy(() -> provider().getSubscription(good.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.BadFields#ofCommand")
  void aCommandIsNotScheduled(BadValue<ScheduledCommand.Builder> bad) {
    store().empty();
    ScheduledCommand good = ScheduledCommand.processWorkflow("id", 0);
    ScheduledCommand.Builder spoilt = good.toBuilder();
    bad.spoil().accept(spoilt);

    assertRefused(bad, "", "", () -> provider().scheduleCommand(spoilt.build()));
    assertRefused(bad, "", "", () -> provider().scheduleCommandAtEarliest(spoilt.build()));
    assertRefused(
        bad,
        "",
        "",
        () ->
            provider()
                .write(
                    WorkflowWrite.of(Samples.instance())
                        .schedule(List.of(spoilt.build()))
                        .build()));

    assertThat(provider().processCommands(Instant.MAX, command -> {}).handled()).isZero();
    provider().scheduleCommand(good);
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.BadFields#ofError")
  void oneBadErrorLeavesNothingOfAllBehind(BadValue<ExecutionError.Builder> bad) {
    String workflow = Samples.unique("workflow");
    ExecutionError good = ExecutionError.now(workflow, "pointer", "message");
    ExecutionError.Builder spoilt = good.toBuilder();
    bad.spoil().accept(spoilt);

    assertRefused(
        bad,
        "errors[1].",
        workflow,
        () -> provider().persistErrors(List.of(good, spoilt.build(), good)));
    assertRefused(
        bad,
        "errors[1].",
        workflow,
        () ->
            provider()
                .write(
                    WorkflowWrite.of(Samples.instance())
                        .errors(List.of(good, spoilt.build()))
                        .build()));

    assertThat(store().storedErrors(workflow)).isEmpty();
    provider().persistErrors(List.of(good));
  }
}
