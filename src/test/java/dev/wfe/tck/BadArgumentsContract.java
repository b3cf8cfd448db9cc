package dev.wfe.tck;

import static dev.wfe.tck.Nothing.nothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.TransactionWork;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Invalid arguments other than values: ids, bounds, limits, tokens. */
public abstract class BadArgumentsContract extends Contract {
  private static final Instant NOON = Samples.NOON;
  private static final Duration DAY = Duration.ofDays(1);
  private static final DefinitionVersion VERSION = new DefinitionVersion("definition", 1);
  private static final Topic TOPIC = new Topic("n", "k");
  private static final Claim CLAIM = new Claim(Subject.WORKFLOW, "id", "owner", 1);

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

  private static ClaimRequest request(
      String owner, List<DefinitionVersion> definitions, int limit, long maxBytes, Duration lease) {
    return new ClaimRequest(owner, definitions, limit, maxBytes, lease);
  }

  private static void inTransaction(PersistenceProvider provider, TransactionWork<String> work) {
    try {
      provider.inTransaction(work);
    } catch (StoreException refusal) {
      throw refusal;
    } catch (Exception other) {
      throw new AssertionError(other);
    }
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
        bad("instance", "create with revision", p -> p.create(nothing())),
        bad("instances", "create all", p -> p.createAll(nothing())),
        bad("write", "write", p -> p.write(nothing())),
        bad("writes", "write all", p -> p.writeAll(nothing())),
        bad("id", "live", p -> p.getLiveWorkflow(nothing())),
        bad("ids", "live, all", p -> p.getLiveWorkflows(nothing())),
        bad("ids", "live, the list", p -> p.getLiveWorkflows(withNull("id"))),
        bad("definition", "register", p -> p.registerDefinition(nothing(), Samples.object())),
        bad("graph", "register", p -> p.registerDefinition(VERSION, nothing())),
        bad("definition", "get definition", p -> p.getDefinition(nothing())),
        bad("events", "create all", p -> p.createEvents(nothing())),
        bad("ids", "terminate all", p -> p.terminateSubscriptions(nothing())),
        bad("ids", "terminate, the list", p -> p.terminateSubscriptions(withNull("id"))),
        bad("commands", "schedule all", p -> p.scheduleCommands(nothing())),
        bad("eventName", "take", p -> p.takeOffer(nothing(), "k", "t", "w", DAY)),
        bad("eventKey", "take", p -> p.takeOffer("n", nothing(), "t", "w", DAY)),
        bad("token", "take", p -> p.takeOffer("n", "k", nothing(), "w", DAY)),
        bad("workerId", "take", p -> p.takeOffer("n", "k", "t", nothing(), DAY)),
        bad("duration", "take", p -> p.takeOffer("n", "k", "t", "w", nothing())),
        bad("request", "claim", p -> p.claimWorkflows(nothing())),
        bad("request", "claim events", p -> p.claimEvents(nothing())),
        bad("from", "events since", p -> p.getEventsSince(nothing(), 1)),
        bad(
            "from",
            "events since, the topic",
            p -> p.getEventsSince(Collections.singletonMap(nothing(), NOON), 1)),
        bad(
            "from",
            "events since, the bound",
            p -> p.getEventsSince(Collections.singletonMap(TOPIC, nothing()), 1)),
        bad("ids", "events", p -> p.getEvents(nothing())),
        bad("ids", "events", p -> p.getEvents(withNull("id"))),
        bad("ids", "mark", p -> p.markEventsProcessed(nothing())),
        bad("ids", "mark", p -> p.markEventsProcessed(withNull("id"))),
        bad("topics", "subscriptions", p -> p.getSubscriptions(nothing(), 1)),
        bad("topics", "subscriptions", p -> p.getSubscriptions(withNull(TOPIC), 1)),
        bad("owner", "claim", p -> p.claimWorkflows(request(nothing(), List.of(), 1, 1, DAY))),
        bad("definitions", "claim", p -> p.claimWorkflows(request("o", nothing(), 1, 1, DAY))),
        bad(
            "definitions[1]",
            "claim",
            p -> p.claimWorkflows(request("o", withNull(VERSION), 1, 1, DAY))),
        bad("lease", "claim", p -> p.claimWorkflows(request("o", List.of(), 1, 1, nothing()))),
        bad("owner", "claim events", p -> p.claimEvents(request(nothing(), List.of(), 1, 1, DAY))),
        bad("lease", "claim events", p -> p.claimEvents(request("o", List.of(), 1, 1, nothing()))),
        bad("claims", "renew", p -> p.renew(nothing(), DAY)),
        bad("claims[1]", "renew", p -> p.renew(withNull(CLAIM), DAY)),
        bad("lease", "renew", p -> p.renew(List.of(), nothing())),
        bad("claims", "release", p -> p.release(nothing())),
        bad("claims[1]", "release", p -> p.release(withNull(CLAIM))),
        bad(
            "claims[0].subject",
            "release",
            p -> p.release(List.of(new Claim(nothing(), "id", "owner", 1)))),
        bad(
            "claims[0].id",
            "release",
            p -> p.release(List.of(new Claim(Subject.EVENT, nothing(), "owner", 1)))),
        bad(
            "claims[0].owner",
            "renew",
            p -> p.renew(List.of(new Claim(Subject.EVENT, "id", nothing(), 1)), DAY)),
        bad("listener", "listen", p -> p.onWorkDue(nothing())),
        bad("work", "transaction", p -> inTransaction(p, nothing())),
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
                    bad("limit", "topics", p -> p.getSubscriptions(List.of(TOPIC), limit)),
                    bad("limit", "since", p -> p.getEventsSince(Map.of(TOPIC, NOON), limit)),
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
            bad("token", "take", p -> p.takeOffer(open.eventName(), "key", text, "w", DAY)),
            bad("workerId", "take", p -> p.takeOffer(open.eventName(), "key", "t", text, DAY)),
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
            .flatMap(
                time ->
                    Stream.of(
                        bad("duration", "set", p -> p.setSubscriptionToken("s", "t", "w", time)),
                        bad("duration", "take", p -> p.takeOffer("n", "k", "t", "w", time)))));
  }

  static Stream<BadCall> badLeases() {
    return Stream.of(
            Duration.ZERO,
            Duration.ofNanos(999_999),
            DAY.negated(),
            DAY.plusNanos(1),
            Duration.ofSeconds(Long.MAX_VALUE))
        .flatMap(
            lease ->
                Stream.of(
                    bad(
                        "lease",
                        "claim",
                        p -> p.claimWorkflows(request("o", List.of(), 1, 1, lease))),
                    bad(
                        "lease",
                        "claim events",
                        p -> p.claimEvents(request("o", List.of(), 1, 1, lease))),
                    bad("lease", "renew", p -> p.renew(List.of(), lease))));
  }

  @ParameterizedTest
  @MethodSource("badLeases")
  void aLeaseOutOfRangeIsRefused(BadCall bad) {
    assertRefused(bad, "not between 1 millisecond and 1 day");
  }

  @Test
  void theShortestAndTheLongestLeaseAreAccepted() {
    for (Duration lease : List.of(Duration.ofMillis(1), DAY)) {
      provider().claimWorkflows(request("o", List.of(), 1, 1, lease));
      provider().claimEvents(request("o", List.of(), 1, 1, lease));
      provider().renew(List.of(CLAIM), lease);
    }
  }

  static Stream<BadCall> badNumbersOfClaims() {
    return Stream.of(0, -1, 1_001, Integer.MAX_VALUE)
        .flatMap(
            limit ->
                Stream.of(
                    bad(
                        "limit",
                        "claim",
                        p -> p.claimWorkflows(request("o", List.of(), limit, 1, DAY))),
                    bad(
                        "limit",
                        "claim events",
                        p -> p.claimEvents(request("o", List.of(), limit, 1, DAY)))));
  }

  @ParameterizedTest
  @MethodSource("badNumbersOfClaims")
  void aNumberOfClaimsOutOfRangeIsRefused(BadCall bad) {
    assertRefused(bad, "not between 1 and 1000");
  }

  @Test
  void badBytesAndListsOfClaimsAreRefused() {
    for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
      assertRefused(
          bad("maxBytes", "claim", p -> p.claimWorkflows(request("o", List.of(), 1, bytes, DAY))),
          "less than 1");
    }
    assertRefused(
        bad(
            "definitions",
            "claim",
            p -> p.claimWorkflows(request("o", Collections.nCopies(1_001, VERSION), 1, 1, DAY))),
        "has 1001 elements, more than 1000");
    List<Claim> tooMany = Collections.nCopies(10_001, CLAIM);
    assertRefused(
        bad("claims", "renew", p -> p.renew(tooMany, DAY)), "has 10001 elements, more than 10000");
    assertRefused(
        bad("claims", "release", p -> p.release(tooMany)), "has 10001 elements, more than 10000");
    Claim ofPointer = new Claim(Subject.EXECUTION_POINTER, "id", "owner", 1);
    assertRefused(
        bad("claims[0].subject", "release", p -> p.release(List.of(ofPointer))),
        "is EXECUTION_POINTER, not WORKFLOW or EVENT");
  }

  static Stream<BadCall> badLimits() {
    ClaimLimits.Rate hourly = new ClaimLimits.Rate(0, Duration.ofHours(1));
    return Stream.of(
            limits("atATime", new ClaimLimits(0, null, null)),
            limits("atATimePerKey", new ClaimLimits(null, -1, null)),
            limits("rate.count", new ClaimLimits(null, null, hourly)),
            limits("rate.period", rate(Duration.ofDays(367))),
            limits("rate.period", rate(Duration.ofNanos(1))),
            limits("rate.period", rate(nothing())))
        .map(bad -> new BadCall("limits[d]." + bad.argument(), bad.what(), bad.call()));
  }

  private static ClaimLimits rate(Duration period) {
    return new ClaimLimits(null, null, new ClaimLimits.Rate(1, period));
  }

  private static BadCall limits(String field, ClaimLimits limits) {
    return bad(
        field,
        "claim",
        p -> p.claimWorkflows(new ClaimRequest("o", List.of(), 1, 1, DAY, Map.of("d", limits))));
  }

  @ParameterizedTest
  @MethodSource("badLimits")
  void aBadLimitIsRefused(BadCall bad) {
    assertRefused(bad, "");
  }

  @Test
  void missingLimitsAreRefused() {
    assertRefused(
        bad(
            "limits",
            "claim",
            p -> p.claimWorkflows(new ClaimRequest("o", List.of(), 1, 1, DAY, nothing()))),
        "is null");
  }

  @ParameterizedTest
  @MethodSource("dev.wfe.tck.MalformedIdsContract#badKeys")
  void badOwnersAndDefinitionsAreRefused(String text) {
    DefinitionVersion bad = new DefinitionVersion(text, 1);
    DefinitionVersion negative = new DefinitionVersion("definition", -1);
    assertRefused(
        bad("owner", "claim", p -> p.claimWorkflows(request(text, List.of(), 1, 1, DAY))), "");
    assertRefused(
        bad("owner", "claim", p -> p.claimEvents(request(text, List.of(), 1, 1, DAY))), "");
    assertRefused(
        bad(
            "definitions[0].definitionId",
            "claim",
            p -> p.claimWorkflows(request("o", List.of(bad), 1, 1, DAY))),
        "");
    assertRefused(
        bad(
            "definitions[0].version",
            "claim",
            p -> p.claimWorkflows(request("o", List.of(negative), 1, 1, DAY))),
        "less than 0");
    assertRefused(
        bad("definitionId", "register", p -> p.registerDefinition(bad, Samples.object())), "");
    assertRefused(bad("definitionId", "get definition", p -> p.getDefinition(bad)), "");
    assertRefused(
        bad("version", "register", p -> p.registerDefinition(negative, Samples.object())),
        "less than 0");
    assertRefused(
        bad("graph", "register", p -> p.registerDefinition(VERSION, JsonSamples.nested(101))),
        "deeper than 100 levels");
  }

  /** A write that is refused for one of its parts. */
  static Stream<BadCall> badWrites() {
    WorkflowInstance instance = Samples.instance();
    Claim claim = new Claim(Subject.WORKFLOW, instance.id(), "owner", 1);
    List<String> tooMany = Collections.nCopies(50_001, "id");
    return Stream.of(
        badWrite("deletedPointerIds", instance, write -> write.deletePointers(nothing())),
        badWrite("deletedPointerIds[1]", instance, w -> w.deletePointers(withNull("a"))),
        badWrite("deletedPointerIds", instance, write -> write.deletePointers(tooMany)),
        badWrite("subscriptions", instance, write -> write.subscribe(nothing())),
        badWrite("subscription", instance, write -> write.subscribe(listOfNull())),
        badWrite("endedSubscriptionIds", instance, write -> write.endSubscriptions(nothing())),
        badWrite("endedSubscriptionIds[1]", instance, w -> w.endSubscriptions(withNull("a"))),
        badWrite("endedSubscriptionIds", instance, write -> write.endSubscriptions(tooMany)),
        badWrite("events", instance, write -> write.publish(nothing())),
        badWrite("event", instance, write -> write.publish(listOfNull())),
        badWrite("instances", instance, write -> write.create(nothing())),
        badWrite("instances", instance, write -> write.create(listOfNull())),
        badWrite("errors", instance, write -> write.errors(nothing())),
        badWrite("errors[0]", instance, write -> write.errors(listOfNull())),
        badWrite("commands", instance, write -> write.schedule(nothing())),
        badWrite("command", instance, write -> write.schedule(listOfNull())),
        badWrite("dueAfter", instance, write -> write.dueAfter(Duration.ofNanos(-1))),
        badWrite(
            "dueAfter", instance, write -> write.dueAfter(Duration.ofDays(100_000).plusNanos(1))),
        badWrite("claim", instance, write -> write.under(nothing(), LeaseAction.KEEP)),
        badWrite("leaseAction", instance, write -> write.under(claim, nothing())),
        badWrite("executionPointers[0]", instance, listOfNull()),
        badWrite("executionPointers", instance, Samples.pointers(ValueLimits.MAX_POINTERS + 1)));
  }

  private static BadCall badWrite(
      String field, WorkflowInstance instance, Consumer<WorkflowWrite.Builder> spoil) {
    WorkflowWrite.Builder write = WorkflowWrite.of(instance);
    spoil.accept(write);
    return bad(field, "write", p -> p.write(write.build()));
  }

  private static BadCall badWrite(
      String field, WorkflowInstance instance, List<ExecutionPointer> pointers) {
    WorkflowInstance spoilt = instance.toBuilder().executionPointers(pointers).build();
    return bad(field, "write", p -> p.write(WorkflowWrite.of(spoilt).build()));
  }

  @ParameterizedTest
  @MethodSource("badWrites")
  void aBadPartOfAWriteIsRefused(BadCall bad) {
    assertRefused(bad, "");
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
