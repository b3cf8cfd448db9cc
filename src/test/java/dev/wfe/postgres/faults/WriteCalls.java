package dev.wfe.postgres.faults;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every verb that writes in one round trip, in each of its forms. */
final class WriteCalls {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");
  private static final String NAME = "paid";

  private static final String WORKFLOWS =
      "select count(*) from wfc.workflows where reference = ':key'";
  private static final String WORKFLOW_ID =
      "select id from wfc.workflows where reference = ':key'";
  private static final String STEP =
      """
      select next_execution || ', pointers ' ||
        (select count(*) from wfc.execution_pointers where workflow_id = ':key')
        || ', subscriptions ' ||
        (select count(*) from wfc.event_subscriptions where workflow_id = ':key')
      from wfc.workflows where id = ':key'
      """;
  private static final String WORKFLOW_AND_SUBSCRIPTIONS =
      "select ':key' union all"
          + " select id from wfc.event_subscriptions where workflow_id = ':key'";
  private static final String EVENTS = "select count(*) from wfc.events where event_key = ':key'";
  private static final String PROCESSED =
      "select is_processed::text from wfc.events where id = ':key'";
  private static final String SUBSCRIPTIONS =
      "select count(*) from wfc.event_subscriptions where event_key = ':key'";
  private static final String TOKEN =
      "select coalesce(external_token, 'none') from wfc.event_subscriptions where id = ':key'";
  private static final String TIME =
      "select coalesce(max(execute_time), 0) || ' of ' || count(*)"
          + " from wfc.scheduled_commands where data = ':key'";
  private static final String THE_KEY = "select ':key'";
  private static final String NO_IDS = "select null where false";

  private WriteCalls() {}

  /** The last one empties the store. */
  static Stream<WriteCall> all() {
    return Stream.of(
            creates(), persists(), events(), subscriptions(), tokens(), commands(), others())
        .flatMap(List::stream);
  }

  /** Calling again succeeds, and changes the look to that. */
  private static WriteCall notToBeRepeated(
      String name,
      WriteCall.Preparation preparation,
      String look,
      String before,
      String after,
      String ids,
      String afterAgain) {
    return new WriteCall(name, preparation, look, before, after, ids, false, null, afterAgain);
  }

  /** Calling again changes nothing. */
  private static WriteCall repeatable(
      String name,
      WriteCall.Preparation preparation,
      String look,
      String before,
      String after,
      String ids,
      @Nullable Class<? extends RuntimeException> again) {
    return new WriteCall(name, preparation, look, before, after, ids, true, again, after);
  }

  private static WorkflowInstance.Builder workflow(String key) {
    return WorkflowInstance.builder("definition", 1).reference(key).nextExecution(0L);
  }

  private static List<ExecutionPointer> twoPointers() {
    return List.of(ExecutionPointer.builder(0).build(), ExecutionPointer.builder(1).build());
  }

  private static List<WriteCall> creates() {
    return List.of(
        notToBeRepeated(
            "createNewWorkflow",
            (store, key) -> {
              WorkflowInstance value = workflow(key).build();
              return again -> again.createNewWorkflow(value);
            },
            WORKFLOWS,
            "0",
            "1",
            WORKFLOW_ID,
            "2"),
        repeatable(
            "createNewWorkflow with an id",
            (store, key) -> {
              WorkflowInstance value =
                  workflow(key).id(key).executionPointers(twoPointers()).build();
              return again -> again.createNewWorkflow(value);
            },
            "select count(*) from wfc.execution_pointers where workflow_id = ':key'",
            "0",
            "2",
            THE_KEY,
            DuplicateException.class),
        repeatable(
            "createNewWorkflow with a name",
            (store, key) -> {
              WorkflowInstance value = workflow(key).name(key).build();
              return again -> again.createNewWorkflow(value);
            },
            WORKFLOWS,
            "0",
            "1",
            WORKFLOW_ID,
            DuplicateException.class));
  }

  /** As it was read, one step further. */
  private static WorkflowInstance step(PostgresPersistenceProvider store, String key) {
    store.createNewWorkflow(workflow(key).id(key).executionPointers(twoPointers()).build());
    WorkflowInstance read = store.getWorkflowInstance(key);
    List<ExecutionPointer> pointers = new ArrayList<>(read.executionPointers());
    pointers.add(ExecutionPointer.builder(2).build());
    return read.toBuilder().nextExecution(7L).executionPointers(pointers).build();
  }

  private static WorkflowInstance stepWithoutRevision(
      PostgresPersistenceProvider store, String key) {
    return step(store, key).toBuilder().revision(null).build();
  }

  private static Consumer<PostgresPersistenceProvider> subscribing(
      WorkflowInstance value, String key) {
    List<EventSubscription> subscriptions =
        List.of(subscription(key).build(), subscription(key).build());
    return store -> store.persistWorkflowWithSubscriptions(value, subscriptions);
  }

  private static List<WriteCall> persists() {
    String before = "0, pointers 2, subscriptions 0";
    return List.of(
        repeatable(
            "persistWorkflow",
            (store, key) -> {
              WorkflowInstance value = step(store, key);
              return again -> again.persistWorkflow(value);
            },
            STEP,
            before,
            "7, pointers 3, subscriptions 0",
            THE_KEY,
            StaleRevisionException.class),
        notToBeRepeated(
            "persistWorkflow without a revision",
            (store, key) -> {
              WorkflowInstance value = stepWithoutRevision(store, key);
              return again -> again.persistWorkflow(value);
            },
            STEP,
            before,
            "7, pointers 3, subscriptions 0",
            THE_KEY,
            "7, pointers 3, subscriptions 0"),
        repeatable(
            "persistWorkflowWithSubscriptions",
            (store, key) -> subscribing(step(store, key), key),
            STEP,
            before,
            "7, pointers 3, subscriptions 2",
            WORKFLOW_AND_SUBSCRIPTIONS,
            StaleRevisionException.class),
        notToBeRepeated(
            "persistWorkflowWithSubscriptions without a revision",
            (store, key) -> subscribing(stepWithoutRevision(store, key), key),
            STEP,
            before,
            "7, pointers 3, subscriptions 2",
            WORKFLOW_AND_SUBSCRIPTIONS,
            "7, pointers 3, subscriptions 4"));
  }

  private static Event.Builder event(String key) {
    return Event.builder(NAME, key).eventTime(Instant.EPOCH);
  }

  private static List<WriteCall> events() {
    return List.of(
        notToBeRepeated(
            "createEvent",
            (store, key) -> again -> again.createEvent(event(key).build()),
            EVENTS,
            "0",
            "1",
            "select id from wfc.events where event_key = ':key'",
            "2"),
        repeatable(
            "createEvent with an id",
            (store, key) -> again -> again.createEvent(event(key).id(key).build()),
            EVENTS,
            "0",
            "1",
            THE_KEY,
            DuplicateException.class),
        repeatable(
            "markEventProcessed",
            (store, key) -> {
              store.createEvent(event(key).id(key).build());
              return again -> again.markEventProcessed(key);
            },
            PROCESSED,
            "false",
            "true",
            THE_KEY,
            null),
        repeatable(
            "markEventUnprocessed",
            (store, key) -> {
              store.createEvent(event(key).id(key).processed(true).build());
              return again -> again.markEventUnprocessed(key);
            },
            PROCESSED,
            "true",
            "false",
            THE_KEY,
            null));
  }

  private static EventSubscription.Builder subscription(String key) {
    return EventSubscription.builder(key, "pointer", NAME, key).subscribeAsOf(Instant.EPOCH);
  }

  private static List<WriteCall> subscriptions() {
    return List.of(
        notToBeRepeated(
            "createEventSubscription",
            (store, key) -> again -> again.createEventSubscription(subscription(key).build()),
            SUBSCRIPTIONS,
            "0",
            "1",
            "select id from wfc.event_subscriptions where event_key = ':key'",
            "2"),
        repeatable(
            "createEventSubscription with an id",
            (store, key) ->
                again -> again.createEventSubscription(subscription(key).id(key).build()),
            SUBSCRIPTIONS,
            "0",
            "1",
            THE_KEY,
            DuplicateException.class),
        repeatable(
            "terminateSubscription",
            (store, key) -> {
              store.createEventSubscription(subscription(key).id(key).build());
              return again -> again.terminateSubscription(key);
            },
            SUBSCRIPTIONS,
            "1",
            "0",
            THE_KEY,
            NotFoundException.class));
  }

  private static List<WriteCall> tokens() {
    return List.of(
        notToBeRepeated(
            "setSubscriptionToken until an instant",
            (store, key) -> {
              store.createEventSubscription(subscription(key).id(key).build());
              return again -> again.setSubscriptionToken(key, "mine", "worker", LATER);
            },
            TOKEN,
            "none",
            "mine",
            THE_KEY,
            "mine"),
        notToBeRepeated(
            "setSubscriptionToken for a time",
            (store, key) -> {
              store.createEventSubscription(subscription(key).id(key).build());
              return again ->
                  again.setSubscriptionToken(key, "mine", "worker", Duration.ofMinutes(5));
            },
            TOKEN,
            "none",
            "mine",
            THE_KEY,
            "mine"),
        new WriteCall(
            "clearSubscriptionToken",
            (store, key) -> {
              store.createEventSubscription(subscription(key).id(key).build());
              store.setSubscriptionToken(key, "mine", "worker", LATER);
              return again -> again.clearSubscriptionToken(key, "mine");
            },
            TOKEN,
            "mine",
            "none",
            THE_KEY,
            false,
            TokenMismatchException.class,
            "none"));
  }

  private static List<WriteCall> commands() {
    return List.of(
        repeatable(
            "scheduleCommand",
            (store, key) -> {
              store.scheduleCommand(ScheduledCommand.processWorkflow(key, 5));
              return again -> again.scheduleCommand(ScheduledCommand.processWorkflow(key, 9));
            },
            TIME,
            "5 of 1",
            "9 of 1",
            THE_KEY,
            null),
        repeatable(
            "scheduleCommandAtEarliest",
            (store, key) ->
                again -> again.scheduleCommandAtEarliest(ScheduledCommand.processEvent(key, 9)),
            TIME,
            "0 of 0",
            "9 of 1",
            THE_KEY,
            null));
  }

  private static List<WriteCall> others() {
    return List.of(
        new WriteCall(
            "nextDefinitionSequence",
            (store, key) -> again -> again.nextDefinitionSequence(key),
            "select coalesce(max(next_num), 0)"
                + " from wfc.definition_sequences where definition_id = ':key'",
            "0",
            "1",
            THE_KEY,
            true,
            null,
            "2"),
        notToBeRepeated(
            "persistErrors",
            (store, key) ->
                again -> again.persistErrors(List.of(ExecutionError.now(key, "pointer", "failed"))),
            "select count(*) from wfc.execution_errors where workflow_id = ':key'",
            "0",
            "1",
            THE_KEY,
            "2"),
        repeatable(
            "truncateAll",
            (store, key) -> {
              store.createEvent(event(key).build());
              return PostgresPersistenceProvider::truncateAll;
            },
            EVENTS,
            "1",
            "0",
            NO_IDS,
            null));
  }
}
