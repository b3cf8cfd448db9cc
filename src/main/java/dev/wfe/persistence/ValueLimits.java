package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.Revision;
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

  /** Levels that are read in a document that others stored. */
  public static final int MAX_STORED_JSON_DEPTH = 1_000;

  /** Digits of one JSON number, written out without an exponent. */
  public static final int MAX_NUMBER_DIGITS = 1_000;

  /** Pointers of one instance. */
  public static final int MAX_POINTERS = 50_000;

  /** Subscriptions of one operation. */
  public static final int MAX_SUBSCRIPTIONS = 10_000;

  /** Bytes of UTF-8 in the text and JSON that one operation writes. */
  public static final int MAX_OPERATION_BYTES = 512 * 1024 * 1024;

  /** The earliest instant that PostgreSQL holds: the start of 24 November 4714 BC (Gregorian). */
  public static final Instant MIN_INSTANT = Instant.parse("-4713-11-24T00:00:00Z");

  /** The latest instant that PostgreSQL holds. */
  public static final Instant MAX_INSTANT = Instant.parse("+294276-12-31T23:59:59.999999Z");

  private static final long MAX_DURATION_DAYS = 100_000;

  /** For an instance that is not stored: no value of it would be refused. */
  private static final WorkflowInstance NOTHING =
      WorkflowInstance.builder("none", 0).id("none").name("none").build();

  private ValueLimits() {}

  /** Accepts an instance to be created: its id and name may be empty. */
  public static void checkNew(WorkflowInstance instance) {
    nonNull("createNewWorkflow", "instance", instance);
    check(instance, true, NOTHING, new OperationSize());
  }

  /** Accepts an instance to be persisted: it has an id and a name. */
  public static void check(WorkflowInstance instance) {
    check(instance, NOTHING);
  }

  /**
   * As {@link #check(WorkflowInstance)}, for an instance that was made from a stored one. What is
   * equal to what is stored is accepted: limits apply to what is new. Pointers and data that are
   * the very same objects get no second look.
   *
   * @param stored what the store held when it gave the instance from which this one was made
   */
  public static void check(WorkflowInstance instance, WorkflowInstance stored) {
    nonNull("persistWorkflow", "instance", instance);
    check(instance, false, stored, new OperationSize());
  }

  /** Accepts an instance to be persisted together with new subscriptions. */
  public static void check(WorkflowInstance instance, List<EventSubscription> subscriptions) {
    check(instance, NOTHING, subscriptions);
  }

  /**
   * As {@link #check(WorkflowInstance, List)}, for an instance that was made from a stored one.
   *
   * @param stored what the store held when it gave the instance from which this one was made
   */
  public static void check(
      WorkflowInstance instance, WorkflowInstance stored, List<EventSubscription> subscriptions) {
    nonNull("persistWorkflowWithSubscriptions", "instance", instance);
    OperationSize size = new OperationSize();
    check(instance, false, stored, size);
    check(subscriptions, size);
  }

  @SuppressWarnings("ReferenceEquality") // equal data would have to be walked just as well
  private static void check(
      WorkflowInstance instance,
      boolean mayBeUnnamed,
      WorkflowInstance stored,
      OperationSize size) {
    FieldChecks checks = new FieldChecks("WorkflowInstance", instance.id(), size);
    if (mayBeUnnamed) {
      checks.key("id", instance.id());
      checks.key("name", instance.name());
    } else {
      checks.filledKey("id", instance.id(), stored.id());
      checks.filledKey("name", instance.name(), stored.name());
    }
    checks.optionalKey("rootWorkflowId", instance.rootWorkflowId(), stored.rootWorkflowId());
    checks.filledKey(
        "workflowDefinitionId", instance.workflowDefinitionId(), stored.workflowDefinitionId());
    checks.notNegative("version", instance.version(), stored.version());
    checks.optionalText("description", instance.description());
    checks.optionalKey("reference", instance.reference(), stored.reference());
    checks.nonNull("status", instance.status());
    if (instance.data() != stored.data()) {
      checks.json("data", instance.data(), stored.data());
    }
    checks.optionalInstant("createTime", instance.createTime());
    checks.optionalInstant("completeTime", instance.completeTime());
    PointerChecks.check(checks, instance.executionPointers(), stored.executionPointers());
  }

  /** Accepts an instance without a revision, or with one that this kind of store gave. */
  public static void checkRevision(WorkflowInstance instance, Class<? extends Revision> kind) {
    Revision revision = instance.revision();
    if (revision != null && !kind.isInstance(revision)) {
      throw new FieldChecks("WorkflowInstance", instance.id())
          .refusal("revision", "was given by another kind of store");
    }
  }

  /** Accepts an event; its id may be empty. */
  public static void check(Event event) {
    nonNull("createEvent", "event", event);
    FieldChecks checks = new FieldChecks("Event", event.id());
    checks.key("id", event.id());
    checks.filledKey("eventName", event.eventName());
    checks.key("eventKey", event.eventKey());
    checks.json("eventData", event.eventData(), null);
    checks.optionalInstant("eventTime", event.eventTime());
  }

  /** Accepts a subscription; its id may be empty. */
  public static void check(EventSubscription subscription) {
    check(subscription, new OperationSize());
  }

  private static void check(EventSubscription subscription, OperationSize size) {
    nonNull("createEventSubscription", "subscription", subscription);
    FieldChecks checks = new FieldChecks("EventSubscription", subscription.id(), size);
    checks.key("id", subscription.id());
    checks.filledKey("workflowId", subscription.workflowId());
    checks.notNegative("stepId", subscription.stepId(), 0);
    checks.filledKey("executionPointerId", subscription.executionPointerId());
    checks.filledKey("eventName", subscription.eventName());
    checks.key("eventKey", subscription.eventKey());
    checks.instant("subscribeAsOf", subscription.subscribeAsOf());
    checks.optionalJson("subscriptionData", subscription.subscriptionData(), null);
    checks.optionalKey("externalToken", subscription.externalToken(), null);
    checks.optionalKey("externalWorkerId", subscription.externalWorkerId(), null);
    checks.optionalInstant("externalTokenExpiry", subscription.externalTokenExpiry());
  }

  /** New subscriptions; their ids may be empty, but not repeat. */
  private static void check(List<EventSubscription> subscriptions, OperationSize size) {
    String operation = "persistWorkflowWithSubscriptions";
    nonNull(operation, "subscriptions", subscriptions);
    if (subscriptions.size() > MAX_SUBSCRIPTIONS) {
      throw new FieldChecks(operation, "")
          .refusal(
              "subscriptions",
              "has %s elements, more than %s".formatted(subscriptions.size(), MAX_SUBSCRIPTIONS));
    }
    Set<String> ids = new HashSet<>();
    for (EventSubscription subscription : subscriptions) {
      check(subscription, size);
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
    OperationSize size = new OperationSize();
    for (int i = 0; i < errors.size(); i++) {
      ExecutionError error = errors.get(i);
      if (error == null) {
        throw new FieldChecks("persistErrors", "")
            .refusal(FieldChecks.element("errors", i), FieldChecks.IS_NULL);
      }
      FieldChecks checks =
          new FieldChecks("ExecutionError", error.workflowId(), size).within("errors", i);
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
  public static void checkDuration(String operation, String subscriptionId, Duration duration) {
    FieldChecks checks = new FieldChecks(operation, subscriptionId);
    checks.nonNull("duration", duration);
    if (duration.compareTo(Duration.ofNanos(1_000)) < 0
        || duration.compareTo(Duration.ofDays(MAX_DURATION_DAYS)) > 0) {
      throw checks.refusal(
          "duration",
          "is %s, not between 1 microsecond and %s days".formatted(duration, MAX_DURATION_DAYS));
    }
  }

  /** Accepts the id of a definition to count for. */
  public static void checkDefinitionId(String definitionId) {
    new FieldChecks("nextDefinitionSequence", "").filledKey("definitionId", definitionId);
  }

  /** Accepts a number of things to return: at least 1. */
  public static void checkLimit(String verb, int limit) {
    if (limit < 1) {
      throw new FieldChecks(verb, "").refusal("limit", "is %s, less than 1".formatted(limit));
    }
  }

  /** Accepts where a page is to continue; null is the beginning. */
  public static void checkPosition(String operation, @Nullable Position after) {
    if (after != null) {
      FieldChecks checks = new FieldChecks(operation, "");
      checks.nonNull("after.time", after.time());
      checks.text("after.id", after.id());
    }
  }

  /** Refuses null as a parameter of the verb. */
  public static <T> T nonNull(String verb, String parameter, @Nullable T value) {
    return new FieldChecks(verb, "").nonNull(parameter, value);
  }

  /**
   * What is wrong with a stored JSON document, in words; null when it can be read. It may be longer
   * and deeper than one that may be written.
   */
  public static @Nullable String storedJsonProblem(JsonNode document) {
    return JsonChecks.ofStored(document).problem();
  }

  /**
   * Whether a store could hold the text, which may be longer than a key that may be written; what
   * it could not is never found.
   */
  public static boolean isStorable(String text) {
    return TextChecks.problem(text) == null;
  }
}
