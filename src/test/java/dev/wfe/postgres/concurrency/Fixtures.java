package dev.wfe.postgres.concurrency;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.modelled.Call;
import dev.wfe.postgres.modelled.CommandCalls;
import dev.wfe.postgres.modelled.Edit;
import dev.wfe.postgres.modelled.EventCalls;
import dev.wfe.postgres.modelled.Id;
import dev.wfe.postgres.modelled.SubscriptionCalls;
import dev.wfe.postgres.modelled.Values;
import dev.wfe.postgres.modelled.WorkflowCalls;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The rows before an interleaving, and the calls that store them. The locks use their ids. */
public final class Fixtures {
  /** Stored, with the pointers {@code p1} and {@code p2}. */
  static final WorkflowInstance W1 = workflow("w1", "n1", "p1", "p2");

  /** Stored, without pointers. */
  static final WorkflowInstance W2 = workflow("w2", "n2");

  static final Call CREATE_W1 = WorkflowCalls.create(W1);
  static final Call CREATE_W2 = WorkflowCalls.create(W2);
  static final Call READ_W1 = WorkflowCalls.read(id("w1"));
  static final Call READ_W2 = WorkflowCalls.read(id("w2"));

  /** Processed, on the topic of {@link #subscription}. */
  static final Call CREATE_PROCESSED_EVENT =
      EventCalls.create(event("e1").toBuilder().processed(true).build());

  static final Call CREATE_EVENT = EventCalls.create(event("e1"));
  static final Call MARK_EVENT = EventCalls.markProcessed(id("e1"));
  static final Call SUBSCRIBE_S1 = SubscriptionCalls.create(subscription("s1"));
  static final Call SCHEDULE_W1 = CommandCalls.schedule(command("w1", 0));

  /** Something of everything. */
  public static final List<Call> SOME_OF_ALL =
      List.of(
          CREATE_W2,
          CREATE_W1,
          READ_W2,
          READ_W1,
          CREATE_PROCESSED_EVENT,
          EventCalls.create(event("e2")),
          SubscriptionCalls.create(
              subscription("s1").toBuilder().subscribeAsOf(Values.NOON.plusSeconds(1)).build()),
          SCHEDULE_W1);

  private Fixtures() {}

  static Id id(String text) {
    return new Id(text, 0);
  }

  static WorkflowInstance workflow(String id, String name, String... pointerIds) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .name(name)
        .createTime(Values.NOON)
        .executionPointers(pointers(pointerIds))
        .build();
  }

  private static List<ExecutionPointer> pointers(String... ids) {
    return Arrays.stream(ids).map(id -> ExecutionPointer.builder(id, 0).build()).toList();
  }

  static Event event(String id) {
    return Event.builder("event1", "key1").id(id).eventTime(Values.NOON).build();
  }

  static EventSubscription subscription(String id) {
    return EventSubscription.builder("w1", "p1", "event1", "key1")
        .id(id)
        .subscribeAsOf(Values.NOON)
        .build();
  }

  static ScheduledCommand command(String data, long time) {
    return ScheduledCommand.processWorkflow(data, time);
  }

  /** Persists what was read, with another reference and a change to each of its pointers. */
  static Call persist(String reference) {
    return WorkflowCalls.persist(0, List.of(edit(reference)));
  }

  /** As {@link #persist}, without the revision. */
  static Call persistByHand(String reference) {
    return WorkflowCalls.persist(
        0,
        List.of(
            edit(reference),
            new Edit<>("by hand", instance -> instance.toBuilder().revision(null).build())));
  }

  /** As {@link #persist}, with new subscriptions. */
  static Call persistSubscribing(String reference, String... subscriptionIds) {
    return WorkflowCalls.subscribe(
        0,
        List.of(edit(reference)),
        Arrays.stream(subscriptionIds).map(Fixtures::subscription).toList());
  }

  /** Persists what was read, with pointers added at the end. */
  static Call persistAdding(String... pointerIds) {
    return persistPointers(
        "adds " + List.of(pointerIds),
        old -> Stream.concat(old.stream(), pointers(pointerIds).stream()).toList());
  }

  /** Persists what was read, without its pointers. */
  static Call persistWithoutPointers() {
    return persistPointers("removes all pointers", old -> List.of());
  }

  /** As {@link #persistWithoutPointers}, without the revision. */
  static Call removingByHand() {
    return WorkflowCalls.persist(
        0,
        List.of(
            new Edit<>(
                "by hand, without pointers",
                instance ->
                    instance.toBuilder().executionPointers(List.of()).revision(null).build())));
  }

  private static Call persistPointers(String text, UnaryOperator<List<ExecutionPointer>> change) {
    return WorkflowCalls.persist(
        0,
        List.of(
            new Edit<>(
                text,
                instance ->
                    instance.toBuilder()
                        .executionPointers(change.apply(instance.executionPointers()))
                        .build())));
  }

  static Call persistNamed(String name) {
    return WorkflowCalls.persist(
        0,
        List.of(new Edit<>("name=" + name, instance -> instance.toBuilder().name(name).build())));
  }

  private static Edit<WorkflowInstance> edit(String reference) {
    return new Edit<>(
        "reference=" + reference,
        instance ->
            instance.toBuilder()
                .reference(reference)
                .executionPointers(
                    instance.executionPointers().stream()
                        .map(pointer -> pointer.toBuilder().stepName(reference).build())
                        .toList())
                .build());
  }
}
