package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ImmutableJson;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.Revision;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The limits of values, the same for every provider. Each check throws an {@link
 * InvalidValueException} that names the field, the id and the limit. Thread-safe.
 */
public final class ValueLimits {
  /** Size of a text that is a key or indexed, in bytes of UTF-8. */
  public static final int MAX_KEY_BYTES = 1_024;

  /** Size of one JSON document without white space, in bytes of UTF-8. */
  public static final int MAX_JSON_BYTES = 32 * 1024 * 1024;

  /** Depth of one JSON document: nested arrays and objects. */
  public static final int MAX_JSON_DEPTH = 100;

  /** Depth up to which a document that another program stored can be read. */
  public static final int MAX_STORED_JSON_DEPTH = ImmutableJson.MAX_DEPTH;

  /** Digits of one JSON number when it is written without an exponent. */
  public static final int MAX_NUMBER_DIGITS = 1_000;

  /** Pointers of one instance. */
  public static final int MAX_POINTERS = 50_000;

  /** Subscriptions of one operation. */
  public static final int MAX_SUBSCRIPTIONS = 10_000;

  /** Events that one subscription excludes. */
  public static final int MAX_EXCLUDED_EVENTS = 1_000;

  /** Total size of the text and JSON that one operation writes, in bytes of UTF-8. */
  public static final int MAX_OPERATION_BYTES = 512 * 1024 * 1024;

  /**
   * The earliest instant that PostgreSQL can store: the start of 24 November 4714 BC (Gregorian).
   */
  public static final Instant MIN_INSTANT = Instant.parse("-4713-11-24T00:00:00Z");

  /** The latest instant that PostgreSQL can store. */
  public static final Instant MAX_INSTANT = Instant.parse("+294276-12-31T23:59:59.999999Z");

  /** Claims that one call renews or releases. */
  public static final int MAX_CLAIMS = 10_000;

  static final long MAX_DURATION_DAYS = 100_000;

  /** A new instance is compared with this one: nothing of it counts as stored already. */
  private static final WorkflowInstance NOTHING =
      WorkflowInstance.builder("none", 0).id("none").name("none").build();

  private ValueLimits() {}

  /**
   * Checks an instance that is to be created. Its id and name may be empty.
   *
   * @param operation the name of the operation
   * @return the size of its text and JSON, in bytes
   */
  public static long checkNew(String operation, WorkflowInstance instance) {
    nonNull(operation, "instance", instance);
    OperationSize size = new OperationSize();
    checkNew(instance, size);
    return size.bytes();
  }

  static void checkNew(WorkflowInstance instance, OperationSize size) {
    check(instance, true, NOTHING, size);
  }

  /**
   * Checks an instance that is to be persisted. It needs an id and a name.
   *
   * @return the size of its text and JSON, in bytes
   */
  public static long check(WorkflowInstance instance) {
    return check(instance, NOTHING);
  }

  /**
   * As {@link #check(WorkflowInstance)}, for an instance that was built from a stored one. A field
   * that equals the stored value is accepted, because limits apply to new values only. Pointers and
   * data that are the same objects are not checked again.
   *
   * @param stored the instance as it was read
   * @return the size of the text and JSON that differ, in bytes
   */
  public static long check(WorkflowInstance instance, WorkflowInstance stored) {
    nonNull("persistWorkflow", "instance", instance);
    OperationSize size = new OperationSize();
    check(instance, false, stored, size);
    return size.bytes();
  }

  /**
   * Checks an instance that is to be persisted together with new subscriptions.
   *
   * @return the size of the text and JSON, in bytes
   */
  public static long check(WorkflowInstance instance, List<EventSubscription> subscriptions) {
    return check(instance, NOTHING, subscriptions);
  }

  /**
   * As {@link #check(WorkflowInstance, List)}, for an instance that was built from a stored one.
   *
   * @param stored the instance as it was read
   * @return the size of the text and JSON that differ, in bytes
   */
  public static long check(
      WorkflowInstance instance, WorkflowInstance stored, List<EventSubscription> subscriptions) {
    nonNull("persistWorkflowWithSubscriptions", "instance", instance);
    OperationSize size = new OperationSize();
    check(instance, false, stored, size);
    check("persistWorkflowWithSubscriptions", subscriptions, size);
    return size.bytes();
  }

  /** Checks an instance that exists. */
  static void check(WorkflowInstance instance, WorkflowInstance stored, OperationSize size) {
    check(instance, false, stored, size);
  }

  @SuppressWarnings("ReferenceEquality") // comparing by value costs as much as checking
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
    checks.optionalKey("limitKey", instance.limitKey(), stored.limitKey());
    checks.nonNull("status", instance.status());
    if (instance.data() != stored.data()) {
      checks.json("data", instance.data(), stored.data());
    }
    checks.optionalInstant("createTime", instance.createTime());
    checks.optionalInstant("completeTime", instance.completeTime());
    PointerChecks.check(checks, instance.executionPointers(), stored.executionPointers());
  }

  /** Checks that the revision, if there is one, was given by the same kind of provider. */
  public static void checkRevision(WorkflowInstance instance, Class<? extends Revision> kind) {
    checkRevision("WorkflowInstance", instance.id(), instance.revision(), kind);
  }

  /** As {@link #checkRevision(WorkflowInstance, Class)}, for a live part. */
  public static void checkRevision(LiveWorkflow workflow, Class<? extends Revision> kind) {
    checkRevision("LiveWorkflow", workflow.id(), workflow.revision(), kind);
  }

  private static void checkRevision(
      String type, String id, @Nullable Revision revision, Class<? extends Revision> kind) {
    if (revision != null && !kind.isInstance(revision)) {
      throw new FieldChecks(type, id).refusal("revision", "was given by another kind of provider");
    }
  }

  /**
   * Checks a write. Ids that cannot be stored are accepted where ids that do not exist are ignored.
   *
   * @return the size of the text and JSON that it writes, in bytes
   */
  public static long check(WorkflowWrite write) {
    return check(write, NOTHING);
  }

  /**
   * As {@link #check(WorkflowWrite)}, for a value that was built from a stored one.
   *
   * @param stored the value as it was read
   */
  public static long check(WorkflowWrite write, WorkflowInstance stored) {
    nonNull("write", "write", write);
    OperationSize size = new OperationSize();
    WriteChecks.check(write, stored, size);
    return size.bytes();
  }

  /**
   * Checks each element of a batch, and the size of those that are valid together.
   *
   * @param operation the name of the operation
   * @param list the name of its parameter
   * @param check checks an element as the single operation does; returns the size of the text and
   *     JSON that it writes, in bytes
   * @return for each element the reason to refuse it, or null
   * @throws InvalidValueException if the list is null or its elements are too large together
   */
  public static <T> List<@Nullable InvalidValueException> checkEach(
      String operation, String list, List<T> elements, ToLongFunction<T> check) {
    nonNull(operation, list, elements);
    OperationSize total = new OperationSize();
    List<@Nullable InvalidValueException> refusals = new ArrayList<>(elements.size());
    for (int i = 0; i < elements.size(); i++) {
      InvalidValueException refusal = null;
      long bytes = 0;
      try {
        bytes = check.applyAsLong(elements.get(i));
      } catch (InvalidValueException invalid) {
        refusal = invalid;
      }
      if (!total.admits(bytes)) {
        throw new FieldChecks(operation, "")
            .refusal(FieldChecks.element(list, i), FieldChecks.TOO_LARGE);
      }
      refusals.add(refusal);
    }
    return refusals;
  }

  /** Checks an event. Its id may be empty. Returns the size of its text and JSON, in bytes. */
  public static long check(Event event) {
    OperationSize size = new OperationSize();
    check(event, size);
    return size.bytes();
  }

  static void check(Event event, OperationSize size) {
    nonNull("createEvent", "event", event);
    FieldChecks checks = new FieldChecks("Event", event.id(), size);
    checks.key("id", event.id());
    checks.filledKey("eventName", event.eventName());
    checks.key("eventKey", event.eventKey());
    checks.json("eventData", event.eventData(), null);
    checks.optionalInstant("eventTime", event.eventTime());
  }

  /** Checks a subscription. Its id may be empty. */
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
    checks.keys(
        "excludedEventIds", subscription.excludedEventIds(), List.of(), MAX_EXCLUDED_EVENTS);
    checks.optionalJson("subscriptionData", subscription.subscriptionData(), null);
    checks.optionalKey("externalToken", subscription.externalToken(), null);
    checks.optionalKey("externalWorkerId", subscription.externalWorkerId(), null);
    checks.optionalInstant("externalTokenExpiry", subscription.externalTokenExpiry());
  }

  /** Checks new subscriptions. Their ids may be empty, but must not be repeated. */
  static void check(String operation, List<EventSubscription> subscriptions, OperationSize size) {
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
            .refusal("id", "is used twice");
      }
    }
  }

  /** Checks a command. Returns the size of its text, in bytes. */
  public static long check(ScheduledCommand command) {
    OperationSize size = new OperationSize();
    check(command, size);
    return size.bytes();
  }

  static void check(ScheduledCommand command, OperationSize size) {
    nonNull("scheduleCommand", "command", command);
    FieldChecks checks = new FieldChecks("ScheduledCommand", "", size);
    checks.nonNull("commandName", command.commandName());
    checks.filledKey("data", command.data());
  }

  /** Checks errors that are to be stored in one operation. */
  public static void checkErrors(List<ExecutionError> errors) {
    nonNull("persistErrors", "errors", errors);
    checkErrors("persistErrors", errors, new OperationSize());
  }

  static void checkErrors(String operation, List<ExecutionError> errors, OperationSize size) {
    for (int i = 0; i < errors.size(); i++) {
      ExecutionError error = errors.get(i);
      if (error == null) {
        throw new FieldChecks(operation, "")
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

  /** Checks the token and worker id for a subscription. */
  public static void checkHold(String subscriptionId, String token, String workerId) {
    FieldChecks checks = new FieldChecks("setSubscriptionToken", subscriptionId);
    checks.filledKey("token", token);
    checks.filledKey("workerId", workerId);
  }

  /** Checks the expiry of a token. */
  public static void checkExpiry(String subscriptionId, Instant expiry) {
    new FieldChecks("setSubscriptionToken", subscriptionId).instant("expiry", expiry);
  }

  /** Checks a duration: 1 microsecond to 100,000 days, so that its end is in PostgreSQL's range. */
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

  /** Checks what a host wants to claim. */
  public static void check(String operation, ClaimRequest request) {
    nonNull(operation, "request", request);
    ClaimChecks.check(request);
  }

  /** Checks the parameters of {@code renew}. */
  public static void checkRenewal(Collection<Claim> claims, Duration lease) {
    checkClaims("renew", claims);
    ClaimChecks.checkLease(new FieldChecks("renew", ""), lease);
  }

  /** Checks the parameter of {@code release}. */
  public static void checkRelease(Collection<Claim> claims) {
    checkClaims("release", claims);
  }

  private static void checkClaims(String operation, Collection<Claim> claims) {
    FieldChecks checks = new FieldChecks(operation, "");
    checks.nonNull("claims", claims);
    refuseMoreThan(MAX_CLAIMS, checks, "claims", claims.size());
    int index = 0;
    for (Claim claim : claims) {
      checks.nonNull(FieldChecks.element("claims", index), claim);
      checkClaim(checks.within("claims", index), claim);
      index++;
    }
  }

  private static void checkClaim(FieldChecks checks, Claim claim) {
    Subject subject = checks.nonNull("subject", claim.subject());
    if (subject != Subject.WORKFLOW && subject != Subject.EVENT) {
      throw checks.refusal("subject", "is %s, not WORKFLOW or EVENT".formatted(subject));
    }
    checks.filledKey("id", claim.id());
    checks.filledKey("owner", claim.owner());
  }

  private static void refuseMoreThan(int most, FieldChecks checks, String list, int size) {
    if (size > most) {
      throw checks.refusal(list, "has %s elements, more than %s".formatted(size, most));
    }
  }

  /** Checks the parameters of {@code registerDefinition}. */
  public static void checkRegistration(DefinitionVersion definition, JsonNode graph) {
    String operation = "registerDefinition";
    ClaimChecks.checkDefinition(
        new FieldChecks(operation, ""), nonNull(operation, "definition", definition));
    new FieldChecks(operation, definition.definitionId()).json("graph", graph, null);
  }

  /** Checks the parameter of {@code getDefinition}. */
  public static void checkDefinition(DefinitionVersion definition) {
    String operation = "getDefinition";
    ClaimChecks.checkDefinition(
        new FieldChecks(operation, ""), nonNull(operation, "definition", definition));
  }

  /** Checks the parameters of {@code takeOffer}. */
  public static void checkOffer(
      String eventName, String eventKey, String token, String workerId, Duration duration) {
    FieldChecks checks = new FieldChecks("takeOffer", "");
    checks.nonNull("eventName", eventName);
    checks.nonNull("eventKey", eventKey);
    checks.filledKey("token", token);
    checks.filledKey("workerId", workerId);
    checkDuration("takeOffer", "", duration);
  }

  /** Checks the definition id of {@code nextDefinitionSequence}. */
  public static void checkDefinitionId(String definitionId) {
    new FieldChecks("nextDefinitionSequence", "").filledKey("definitionId", definitionId);
  }

  /** Checks a limit on the number of results: at least 1. */
  public static void checkLimit(String operation, int limit) {
    if (limit < 1) {
      throw new FieldChecks(operation, "").refusal("limit", "is %s, less than 1".formatted(limit));
    }
  }

  /** Checks the parameters of an operation of {@link WorkflowQueries} that lists. */
  public static void checkFind(String operation, Object filter, Object sort, PageRequest page) {
    nonNull(operation, "filter", filter);
    nonNull(operation, "sort", sort);
    nonNull(operation, "page", page);
  }

  /** Checks the parameters of an operation of {@link WorkflowQueries} that counts rows. */
  public static void checkCount(String operation, Object filter, int exactUpTo) {
    nonNull(operation, "filter", filter);
    checkBetween(operation, "exactUpTo", exactUpTo, 0, WorkflowQueries.MAX_EXACT_COUNT);
  }

  /** Checks the parameters of {@code countErrorsByMessage}. */
  public static void checkErrorCounts(ErrorFilter filter, int limit) {
    nonNull("countErrorsByMessage", "filter", filter);
    checkBetween("countErrorsByMessage", "limit", limit, 1, WorkflowQueries.MAX_ERROR_COUNTS);
  }

  static void checkBetween(String operation, String parameter, int value, int least, int most) {
    if (value < least || value > most) {
      throw new FieldChecks(operation, "")
          .refusal(parameter, "is %s, not between %s and %s".formatted(value, least, most));
    }
  }

  /** Checks the position at which a page continues; null is the beginning. */
  public static void checkPosition(String operation, @Nullable Position after) {
    if (after != null) {
      FieldChecks checks = new FieldChecks(operation, "");
      checks.nonNull("after.time", after.time());
      checks.text("after.id", after.id());
    }
  }

  /** Returns the collection, or throws if it or an element is null. */
  public static <C extends Collection<?>> C nonNullElements(
      String operation, String parameter, @Nullable C collection) {
    C given = nonNull(operation, parameter, collection);
    given.forEach(element -> nonNull(operation, parameter, element));
    return given;
  }

  /** Returns the parameter's value, or throws if it is null. */
  public static <T> T nonNull(String operation, String parameter, @Nullable T value) {
    return new FieldChecks(operation, "").nonNull(parameter, value);
  }

  /**
   * The problem of a stored JSON document; null if it can be read. It may be longer and deeper than
   * a document that can be written.
   */
  public static @Nullable String storedJsonProblem(JsonNode document) {
    return JsonChecks.ofStored(document).problem();
  }

  /**
   * Whether PostgreSQL can store the text, whatever its length. A key for which this is false
   * cannot exist in the store.
   */
  public static boolean isStorable(String text) {
    return TextChecks.problem(text) == null;
  }
}
