package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a store accepts, the same for every store: each method refuses with an {@link
 * InvalidValueException} that names the field, the offending id and the limit. Thread-safe.
 */
public final class ValueLimits {
  /** Bytes of UTF-8 in text that is a key or indexed. */
  public static final int MAX_KEY_BYTES = 1_024;

  /** Bytes of UTF-8 in one JSON document without white space. */
  public static final int MAX_JSON_BYTES = 32 * 1024 * 1024;

  /** Levels of arrays and objects in one JSON document. */
  public static final int MAX_JSON_DEPTH = 100;

  /** Digits of one JSON number, written out without an exponent. */
  public static final int MAX_NUMBER_DIGITS = 1_000;

  /** Pointers of one instance. */
  public static final int MAX_POINTERS = 50_000;

  /** The earliest instant that PostgreSQL holds: the start of 24 November 4714 BC (Gregorian). */
  public static final Instant MIN_INSTANT = Instant.parse("-4713-11-24T00:00:00Z");

  /** The latest instant that PostgreSQL holds. */
  public static final Instant MAX_INSTANT = Instant.parse("+294276-12-31T23:59:59.999999Z");

  private static final long MAX_DURATION_DAYS = 100_000;

  /** Has no pointers, and data that every store accepts. */
  private static final WorkflowInstance NOTHING = WorkflowInstance.builder("", 0).build();

  private ValueLimits() {}

  /** Accepts an instance to be created: its id and name may be empty. */
  public static void checkNew(WorkflowInstance instance) {
    nonNull("createNewWorkflow", "instance", instance);
    check(instance, true, NOTHING);
  }

  /** Accepts an instance to be persisted: it has an id and a name. */
  public static void check(WorkflowInstance instance) {
    check(instance, NOTHING);
  }

  /**
   * As {@link #check(WorkflowInstance)}, without another look at what a store has accepted or read
   * before.
   *
   * @param accepted what the store held when it gave the instance from which this one was made: its
   *     pointers and data are known by being the very same objects
   */
  public static void check(WorkflowInstance instance, WorkflowInstance accepted) {
    nonNull("persistWorkflow", "instance", instance);
    check(instance, false, accepted);
  }

  @SuppressWarnings("ReferenceEquality") // equal data would have to be walked just as well
  private static void check(
      WorkflowInstance instance, boolean mayBeUnnamed, WorkflowInstance accepted) {
    FieldChecks checks = new FieldChecks("WorkflowInstance", instance.id());
    if (mayBeUnnamed) {
      checks.key("id", instance.id());
      checks.key("name", instance.name());
    } else {
      checks.filledKey("id", instance.id());
      checks.filledKey("name", instance.name());
    }
    checks.optionalKey("rootWorkflowId", instance.rootWorkflowId());
    checks.filledKey("workflowDefinitionId", instance.workflowDefinitionId());
    checks.notNegative("version", instance.version());
    checks.optionalText("description", instance.description());
    checks.optionalKey("reference", instance.reference());
    checks.nonNull("status", instance.status());
    if (instance.data() != accepted.data()) {
      checks.json("data", instance.data());
    }
    checks.optionalInstant("createTime", instance.createTime());
    checks.optionalInstant("completeTime", instance.completeTime());
    PointerChecks.check(checks, instance.executionPointers(), accepted.executionPointers());
  }

  /** Accepts an event; its id may be empty. */
  public static void check(Event event) {
    nonNull("createEvent", "event", event);
    FieldChecks checks = new FieldChecks("Event", event.id());
    checks.key("id", event.id());
    checks.filledKey("eventName", event.eventName());
    checks.key("eventKey", event.eventKey());
    checks.json("eventData", event.eventData());
    checks.optionalInstant("eventTime", event.eventTime());
  }

  /** Accepts a subscription; its id may be empty. */
  public static void check(EventSubscription subscription) {
    nonNull("createEventSubscription", "subscription", subscription);
    FieldChecks checks = new FieldChecks("EventSubscription", subscription.id());
    checks.key("id", subscription.id());
    checks.filledKey("workflowId", subscription.workflowId());
    checks.notNegative("stepId", subscription.stepId());
    checks.filledKey("executionPointerId", subscription.executionPointerId());
    checks.filledKey("eventName", subscription.eventName());
    checks.key("eventKey", subscription.eventKey());
    checks.instant("subscribeAsOf", subscription.subscribeAsOf());
    checks.optionalJson("subscriptionData", subscription.subscriptionData());
    checks.optionalKey("externalToken", subscription.externalToken());
    checks.optionalKey("externalWorkerId", subscription.externalWorkerId());
    checks.optionalInstant("externalTokenExpiry", subscription.externalTokenExpiry());
  }

  /** Accepts new subscriptions; their ids may be empty, but not repeat. */
  public static void check(List<EventSubscription> subscriptions) {
    nonNull("persistWorkflowWithSubscriptions", "subscriptions", subscriptions);
    Set<String> ids = new HashSet<>();
    for (EventSubscription subscription : subscriptions) {
      check(subscription);
      if (!subscription.id().isEmpty() && !ids.add(subscription.id())) {
        throw new FieldChecks("EventSubscription", subscription.id())
            .refusal("id", "is given twice");
      }
    }
  }

  /** Accepts a command. */
  public static void check(ScheduledCommand command) {
    nonNull("scheduleCommand", "command", command);
    FieldChecks checks = new FieldChecks("ScheduledCommand", "");
    checks.nonNull("commandName", command.commandName());
    checks.filledKey("data", command.data());
  }

  /** Accepts errors to be stored together. */
  public static void checkErrors(List<ExecutionError> errors) {
    nonNull("persistErrors", "errors", errors);
    for (int i = 0; i < errors.size(); i++) {
      ExecutionError error = errors.get(i);
      if (error == null) {
        throw new FieldChecks("persistErrors", "")
            .refusal(FieldChecks.element("errors", i), FieldChecks.IS_NULL);
      }
      FieldChecks checks =
          new FieldChecks("ExecutionError", error.workflowId()).within("errors", i);
      checks.instant("errorTime", error.errorTime());
      checks.key("workflowId", error.workflowId());
      checks.key("executionPointerId", error.executionPointerId());
      checks.text("message", error.message());
    }
  }

  /** Accepts what a subscription is to be held under. */
  public static void checkHold(String subscriptionId, String token, String workerId) {
    FieldChecks checks = new FieldChecks("setSubscriptionToken", subscriptionId);
    checks.filledKey("token", token);
    checks.filledKey("workerId", workerId);
  }

  /** Accepts an expiry. */
  public static void checkExpiry(String subscriptionId, Instant expiry) {
    new FieldChecks("setSubscriptionToken", subscriptionId).instant("expiry", expiry);
  }

  /** Accepts a duration that ends within PostgreSQL's range: 1 microsecond to 100,000 days. */
  public static void checkDuration(String subscriptionId, Duration duration) {
    FieldChecks checks = new FieldChecks("setSubscriptionToken", subscriptionId);
    checks.nonNull("duration", duration);
    if (duration.compareTo(Duration.ofNanos(1_000)) < 0
        || duration.compareTo(Duration.ofDays(MAX_DURATION_DAYS)) > 0) {
      throw checks.refusal(
          "duration",
          "is %s, not between 1 microsecond and %d days".formatted(duration, MAX_DURATION_DAYS));
    }
  }

  /** Accepts the id of a definition to count for. */
  public static void checkDefinitionId(String definitionId) {
    new FieldChecks("nextDefinitionSequence", "").filledKey("definitionId", definitionId);
  }

  /** Accepts a number of things to return: at least 1. */
  public static void checkLimit(String verb, int limit) {
    if (limit < 1) {
      throw new FieldChecks(verb, "").refusal("limit", "is %d, less than 1".formatted(limit));
    }
  }

  /** Refuses null as a parameter of the verb. */
  public static <T> T nonNull(String verb, String parameter, @Nullable T value) {
    return new FieldChecks(verb, "").nonNull(parameter, value);
  }

  /** What is wrong with a JSON document, in words; null when a store accepts it. */
  public static @Nullable String jsonProblem(JsonNode document) {
    return JsonChecks.problem(document);
  }

  /** Whether a store could hold the text as a key; what it could not is never found. */
  public static boolean isKey(String text) {
    return FieldChecks.keyProblem(text) == null;
  }
}
