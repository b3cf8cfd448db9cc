package dev.wfe.tck;

import static dev.wfe.tck.Nothing.nothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.ValueLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Invalid arguments other than values: ids, bounds, limits, tokens. */
public abstract class BadArgumentsContract extends Contract {
  private static final Instant NOON = Samples.NOON;
  private static final Duration DAY = Duration.ofDays(1);

  /** A call that is to be refused for one of its arguments. */
  record BadCall(String argument, String what, Consumer<PersistenceProvider> call) {
    @Override
    public String toString() {
      return argument + " of " + what;
    }
  }

  private static BadCall bad(String argument, String what, Consumer<PersistenceProvider> call) {
    return new BadCall(argument, what, call);
  }

  private static <T> List<T> withNull(T first) {
    List<T> list = new ArrayList<>();
    list.add(first);
    list.add(nothing());
    return list;
  }

  static Stream<BadCall> nulls() {
    WorkflowInstance instance = Samples.instance();
    EventSubscription subscription = Samples.subscription("topic", NOON);
    return Stream.of(
        bad("instance", "create", p -> p.createNewWorkflow(nothing())),
        bad("instance", "persist", p -> p.persistWorkflow(nothing())),
        bad("instance", "with", p -> p.persistWorkflowWithSubscriptions(nothing(), List.of())),
        bad("subscriptions", "w", p -> p.persistWorkflowWithSubscriptions(instance, nothing())),
        bad(
            "subscription",
            "the list",
            p -> p.persistWorkflowWithSubscriptions(instance, withNull(subscription))),
        bad("instance", "find", p -> p.findPersisted(nothing())),
        bad("asAt", "runnable", p -> p.getRunnableInstances(nothing())),
        bad("asAt", "runnable, limited", p -> p.getRunnableInstances(nothing(), 1)),
        bad("id", "get", p -> p.getWorkflowInstance(nothing())),
        bad("name", "get", p -> p.getWorkflowInstanceByName(nothing())),
        bad("ids", "get", p -> p.getWorkflowInstances(nothing())),
        bad("ids", "the list", p -> p.getWorkflowInstances(withNull("id"))),
        bad("definitionId", "sequence", p -> p.nextDefinitionSequence(nothing())),
        bad("event", "create", p -> p.createEvent(nothing())),
        bad("id", "event", p -> p.getEvent(nothing())),
        bad("asAt", "events", p -> p.getRunnableEvents(nothing())),
        bad("asAt", "events, limited", p -> p.getRunnableEvents(nothing(), 1)),
        bad("eventName", "events", p -> p.getEvents(nothing(), "k", NOON)),
        bad("eventKey", "events", p -> p.getEvents("n", nothing(), NOON)),
        bad("asOf", "events", p -> p.getEvents("n", "k", nothing())),
        bad("eventName", "events since", p -> p.getEventsSince(nothing(), "k", NOON)),
        bad("eventKey", "events since", p -> p.getEventsSince("n", nothing(), NOON)),
        bad("from", "events since", p -> p.getEventsSince("n", "k", nothing())),
        bad("asOf", "events, limited", p -> p.getEvents("n", "k", nothing(), 1)),
        bad("from", "since, limited", p -> p.getEventsSince("n", "k", nothing(), 1)),
        bad("id", "mark", p -> p.markEventProcessed(nothing())),
        bad("id", "unmark", p -> p.markEventUnprocessed(nothing())),
        bad("subscription", "create", p -> p.createEventSubscription(nothing())),
        bad("eventName", "subscriptions", p -> p.getSubscriptions(nothing(), "k", NOON)),
        bad("eventKey", "subscriptions", p -> p.getSubscriptions("n", nothing(), NOON)),
        bad("asOf", "subscriptions", p -> p.getSubscriptions("n", "k", nothing())),
        bad("asOf", "limited", p -> p.getSubscriptions("n", "k", nothing(), 1)),
        bad("eventName", "first", p -> p.getFirstOpenSubscription(nothing(), "k", NOON)),
        bad("eventKey", "first", p -> p.getFirstOpenSubscription("n", nothing(), NOON)),
        bad("asOf", "first", p -> p.getFirstOpenSubscription("n", "k", nothing())),
        bad("id", "subscription", p -> p.getSubscription(nothing())),
        bad("id", "terminate", p -> p.terminateSubscription(nothing())),
        bad("id", "set until", p -> p.setSubscriptionToken(nothing(), "t", "w", NOON)),
        bad("id", "set for", p -> p.setSubscriptionToken(nothing(), "t", "w", DAY)),
        bad("token", "set until", p -> p.setSubscriptionToken("s", nothing(), "w", NOON)),
        bad("token", "set for", p -> p.setSubscriptionToken("s", nothing(), "w", DAY)),
        bad("workerId", "set until", p -> p.setSubscriptionToken("s", "t", nothing(), NOON)),
        bad("workerId", "set for", p -> p.setSubscriptionToken("s", "t", nothing(), DAY)),
        bad("expiry", "set", p -> p.setSubscriptionToken("s", "t", "w", (Instant) nothing())),
        bad("duration", "set", p -> p.setSubscriptionToken("s", "t", "w", (Duration) nothing())),
        bad("asAt", "events, page", p -> p.getRunnableEvents(nothing(), 1, null)),
        bad("asAt", "instances, page", p -> p.getRunnableInstances(nothing(), 1, null)),
        bad(
            "after.time",
            "events, page",
            p -> p.getRunnableEvents(NOON, 1, new Position(nothing(), "id"))),
        bad(
            "after.id",
            "instances, page",
            p -> p.getRunnableInstances(NOON, 1, new Position(NOON, nothing()))),
        bad("id", "renew", p -> p.renewSubscriptionToken(nothing(), "t", DAY)),
        bad("token", "renew", p -> p.renewSubscriptionToken("s", nothing(), DAY)),
        bad("duration", "renew", p -> p.renewSubscriptionToken("s", "t", nothing())),
        bad("id", "terminate held", p -> p.terminateSubscription(nothing(), "t")),
        bad("token", "terminate held", p -> p.terminateSubscription("s", nothing())),
        bad("id", "clear", p -> p.clearSubscriptionToken(nothing(), "t")),
        bad("token", "clear", p -> p.clearSubscriptionToken("s", nothing())),
        bad("command", "schedule", p -> p.scheduleCommand(nothing())),
        bad("command", "at earliest", p -> p.scheduleCommandAtEarliest(nothing())),
        bad("asOf", "process", p -> p.processCommands(nothing(), command -> {})),
        bad("handler", "process", p -> p.processCommands(NOON, nothing())),
        bad("asOf", "process, limited", p -> p.processCommands(nothing(), 1, command -> {})),
        bad("handler", "process, limited", p -> p.processCommands(NOON, 1, nothing())),
        bad("errors", "persist", p -> p.persistErrors(nothing())),
        bad("errors[0]", "the list", p -> p.persistErrors(listOfNull())));
  }

  private static <T> List<T> listOfNull() {
    List<T> list = new ArrayList<>();
    list.add(nothing());
    return list;
  }

  @ParameterizedTest
  @MethodSource("nulls")
  void nullIsRefused(BadCall bad) {
    assertRefused(bad, "is null");
  }

  private void assertRefused(BadCall bad, String problem) {
    assertThatThrownBy(() -> bad.call().accept(provider()))
        .isInstanceOfSatisfying(
            InvalidValueException.class,
            refusal -> {
              assertThat(refusal.field()).isEqualTo(bad.argument());
              assertThat(refusal.problem()).contains(problem);
            });
  }

  static Stream<BadCall> limits() {
    return Stream.of(0, -1, Integer.MIN_VALUE)
        .flatMap(
            limit ->
                Stream.of(
                    bad("limit", "runnable", p -> p.getRunnableInstances(NOON, limit)),
                    bad("limit", "runnable events", p -> p.getRunnableEvents(NOON, limit)),
                    bad("limit", "events", p -> p.getEvents("n", "k", NOON, limit)),
                    bad("limit", "events since", p -> p.getEventsSince("n", "k", NOON, limit)),
                    bad("limit", "open", p -> p.getSubscriptions("n", "k", NOON, limit)),
                    bad("limit", "commands", p -> p.processCommands(NOON, limit, command -> {}))));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void aLimitBelowOneIsRefused(BadCall bad) {
    assertRefused(bad, "less than 1");
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.MalformedIdsContract#badKeys")
  void aBadTokenOrWorkerIsRefusedAndTheSubscriptionStaysOpen(String text) {
    EventSubscription open = Samples.subscription(Samples.unique("topic"), NOON);
    provider().createEventSubscription(open);

    for (BadCall bad :
        List.of(
            bad("token", "set", p -> p.setSubscriptionToken(open.id(), text, "w", NOON)),
            bad("token", "set", p -> p.setSubscriptionToken(open.id(), text, "w", DAY)),
            bad("workerId", "set", p -> p.setSubscriptionToken(open.id(), "t", text, NOON)),
            bad("workerId", "set", p -> p.setSubscriptionToken(open.id(), "t", text, DAY)))) {
      assertRefused(bad, "");
    }

    assertThat(provider().getSubscription(open.id())).isEqualTo(open);
  }

  static Stream<BadCall> badTimes() {
    return Stream.concat(
        Stream.of(
                Instant.MIN,
                Instant.MAX,
                ValueLimits.MIN_INSTANT.minusNanos(1_000),
                ValueLimits.MAX_INSTANT.plusNanos(1_000))
            .map(time -> bad("expiry", "set", p -> p.setSubscriptionToken("s", "t", "w", time))),
        Stream.of(
                Duration.ZERO,
                Duration.ofNanos(999),
                DAY.negated(),
                Duration.ofDays(100_000).plusNanos(1),
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))
            .map(time -> bad("duration", "set", p -> p.setSubscriptionToken("s", "t", "w", time))));
  }

  @ParameterizedTest
  @MethodSource("badTimes")
  void anEndOfAHoldThatCannotBeKeptIsRefused(BadCall bad) {
    assertRefused(bad, "not between");
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.MalformedIdsContract#badKeys")
  void aBadDefinitionIsNotCounted(String definition) {
    assertRefused(bad("definitionId", "count", p -> p.nextDefinitionSequence(definition)), "");
  }

  @Test
  void aPersistedInstanceNeedsAnIdAndAName() {
    WorkflowInstance instance = Samples.instance();
    provider().createNewWorkflow(instance);
    WorkflowInstance nameless = instance.toBuilder().name("").build();
    WorkflowInstance idless = instance.toBuilder().id("").build();

    assertRefused(bad("name", "persist", p -> p.persistWorkflow(nameless)), "is empty");
    assertRefused(bad("id", "persist", p -> p.persistWorkflow(idless)), "is empty");
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @Test
  void anIdThatRepeatsWithinOneCallIsRefused() {
    WorkflowInstance instance = Samples.instanceWith(Samples.fullPointer());
    provider().createNewWorkflow(instance);
    WorkflowInstance twice =
        instance.toBuilder()
            .executionPointers(
                List.of(instance.executionPointers().get(0), instance.executionPointers().get(0)))
            .build();
    EventSubscription subscription = Samples.subscription("topic", NOON);

    assertRefused(
        bad("executionPointers[1].id", "persist", p -> p.persistWorkflow(twice)), "repeats");
    assertRefused(
        bad(
            "id",
            "subscriptions",
            p -> p.persistWorkflowWithSubscriptions(instance, List.of(subscription, subscription))),
        "used twice");
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
    assertThatThrownBy(() -> provider().getSubscription(subscription.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void tooManyPointersAreRefused() {
    WorkflowInstance instance = Samples.instance();
    provider().createNewWorkflow(instance);
    WorkflowInstance tooMany =
        instance.toBuilder()
            .executionPointers(Samples.pointers(ValueLimits.MAX_POINTERS + 1))
            .build();

    assertRefused(
        bad("executionPointers", "persist", p -> p.persistWorkflow(tooMany)),
        "has 50001 elements, more than 50000");
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }
}
