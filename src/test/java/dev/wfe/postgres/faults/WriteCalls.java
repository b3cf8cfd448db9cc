package dev.wfe.postgres.faults;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Every operation that writes in one round trip, in each of its forms. */
public final class WriteCalls {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");
  private static final String NAME = "paid";

  private static final String EVENTS = "select count(*) from wfc.events where event_key = ':key'";
  private static final String PROCESSED =
      "select is_processed::text from wfc.events where id = ':key'";
  private static final String SUBSCRIPTIONS =
      "select count(*) from wfc.event_subscriptions where event_key = ':key'";
  private static final String TOKEN =
      "select coalesce(external_token, 'none') from wfc.event_subscriptions where id = ':key'";
  private static final String HOLD =
      "select case when external_token_expiry < now() + interval '1 hour' then 'soon' else 'late'"
          + " end from wfc.event_subscriptions where id = ':key'";
  private static final String TIME =
      "select coalesce(max(execute_time), 0) || ' of ' || count(*)"
          + " from wfc.scheduled_commands where data = ':key'";
  static final String THE_KEY = "select ':key'";
  private static final String NO_IDS = "select null where false";

  private WriteCalls() {}

  /** The last one empties the store. */
  public static Stream<WriteCall> all() {
    return Stream.of(
            WorkflowWriteCalls.creates(),
            WorkflowWriteCalls.persists(),
            events(),
            subscriptions(),
            tokens(),
            commands(),
            others())
        .flatMap(List::stream);
  }

  private static Event.Builder event(String key) {
    return Event.builder(NAME, key).eventTime(Instant.EPOCH);
  }

  private static List<WriteCall> events() {
    return List.of(
        WriteCall.notToBeRepeated(
            "createEvent",
            (store, key) -> again -> again.createEvent(event(key).build()),
            EVENTS,
            "0",
            "1",
            "select id from wfc.events where event_key = ':key'",
            "2"),
        WriteCall.repeatable(
            "createEvent with an id",
            (store, key) -> again -> again.createEvent(event(key).id(key).build()),
            EVENTS,
            "0",
            "1",
            THE_KEY,
            DuplicateException.class),
        WriteCall.repeatable(
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
        WriteCall.repeatable(
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

  static EventSubscription.Builder subscription(String key) {
    return EventSubscription.builder(key, "pointer", NAME, key).subscribeAsOf(Instant.EPOCH);
  }

  private static List<WriteCall> subscriptions() {
    return List.of(
        WriteCall.notToBeRepeated(
            "createEventSubscription",
            (store, key) -> again -> again.createEventSubscription(subscription(key).build()),
            SUBSCRIPTIONS,
            "0",
            "1",
            "select id from wfc.event_subscriptions where event_key = ':key'",
            "2"),
        WriteCall.repeatable(
            "createEventSubscription with an id",
            (store, key) ->
                again -> again.createEventSubscription(subscription(key).id(key).build()),
            SUBSCRIPTIONS,
            "0",
            "1",
            THE_KEY,
            DuplicateException.class),
        WriteCall.repeatable(
            "terminateSubscription",
            (store, key) -> {
              store.createEventSubscription(subscription(key).id(key).build());
              return again -> again.terminateSubscription(key);
            },
            SUBSCRIPTIONS,
            "1",
            "0",
            THE_KEY,
            NotFoundException.class),
        WriteCall.repeatable(
            "terminateSubscription under a token",
            (store, key) -> {
              store.createEventSubscription(subscription(key).id(key).build());
              store.setSubscriptionToken(key, "mine", "worker", LATER);
              return again -> again.terminateSubscription(key, "mine");
            },
            SUBSCRIPTIONS,
            "1",
            "0",
            THE_KEY,
            NotFoundException.class));
  }

  private static List<WriteCall> tokens() {
    return List.of(
        WriteCall.notToBeRepeated(
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
        WriteCall.notToBeRepeated(
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
        WriteCall.repeatable(
            "renewSubscriptionToken",
            (store, key) -> {
              store.createEventSubscription(subscription(key).id(key).build());
              store.setSubscriptionToken(key, "mine", "worker", LATER);
              return again -> again.renewSubscriptionToken(key, "mine", Duration.ofMinutes(5));
            },
            HOLD,
            "late",
            "soon",
            THE_KEY,
            null),
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
        WriteCall.repeatable(
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
        WriteCall.repeatable(
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
        WriteCall.notToBeRepeated(
            "persistErrors",
            (store, key) ->
                again -> again.persistErrors(List.of(ExecutionError.now(key, "pointer", "failed"))),
            "select count(*) from wfc.execution_errors where workflow_id = ':key'",
            "0",
            "1",
            THE_KEY,
            "2"),
        WriteCall.repeatable(
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
