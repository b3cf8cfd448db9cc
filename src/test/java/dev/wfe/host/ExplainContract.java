package dev.wfe.host;

import static dev.wfe.host.WorkflowOption.concurrency;
import static dev.wfe.host.WorkflowOption.concurrencyPerKey;
import static dev.wfe.host.WorkflowOption.rate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.host.Explanation.LimitKind;
import dev.wfe.host.Explanation.LimitReached;
import dev.wfe.host.Explanation.Reason;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.RegisteredHost;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What an operator is told about an instance that does not go on: each reason at least once. */
abstract class ExplainContract extends HostRule {
  private static final ActivityType<Notes, String> PACK =
      ActivityType.of("pack", Notes.class, String.class);

  /** Polls so seldom that what it has not seen at once stays due for the whole test. */
  private static final Duration NEVER = Duration.ofHours(1);

  private List<Reason> reasons(String id) {
    return WorkflowClient.over(store).explain(id).reasons();
  }

  private String start(Workflow<Notes> workflow, String id) {
    return WorkflowClient.over(store)
        .startWorkflow(workflow, Notes.NONE.and(id), StartOptions.id(id))
        .id();
  }

  private void register(String name, Duration validity, HostedDefinition... definitions) {
    store.registerHost(
        new HostRegistration(
            "id of " + name, name, null, Duration.ZERO, validity, List.of(definitions)));
  }

  private static Workflow<Notes> simple() {
    return define().run("step", notes -> {}).build();
  }

  @Test
  void withoutAnyHostNoneIsLive() {
    String id = start(simple(), "w");

    assertThat(reasons(id))
        .containsExactly(
            new Explanation.Unclaimed(Instant.EPOCH), new Explanation.NoLiveHost(null, null));
  }

  @Test
  void theHostWithTheLastHeartbeatIsNamed() {
    String id = start(simple(), "w");
    register("dead", Duration.ofMillis(1), new HostedDefinition(new DefinitionVersion("flow", 1)));
    Eventually.until("not live", () -> !store.getHosts(1).get(0).live());

    assertThat(reasons(id))
        .contains(new Explanation.NoLiveHost("dead", store.getHosts(1).get(0).lastSeenAt()));
    assertThat(reasons(id).toString()).contains("the last heartbeat came from dead at");
  }

  @Test
  void aDefinitionThatNoLiveHostExecutesIsUnknown() {
    String id = start(simple(), "w");
    register(
        "other",
        NEVER,
        new HostedDefinition(new DefinitionVersion("flow", 7)),
        new HostedDefinition(new DefinitionVersion("flow", 2)),
        new HostedDefinition(new DefinitionVersion("else", 1)));

    assertThat(reasons(id))
        .contains(new Explanation.UnknownDefinition("flow", 1, List.of(2, 7)))
        .hasSize(2);
    assertThat(reasons(id).toString())
        .contains("no live host knows definition flow version 1; known versions: [2, 7]");
  }

  @Test
  void aWaitThatNoHostCanEndIsExplainedByBoth() {
    Workflow<Notes> waiting =
        define().await("payment", CALLED, notes -> "1001", Notes::and).build();
    WorkflowHost host = host(waiting);
    String id = start(waiting, "w");
    awaitState(waiting, id, state -> !state.waits().isEmpty());
    Eventually.until("idle", () -> reasons(id).size() == 1);
    host.close();

    assertThat(reasons(id))
        .satisfiesExactly(
            nobody -> assertThat(nobody).isEqualTo(new Explanation.NoLiveHost(null, null)),
            wait -> assertThat(wait).isInstanceOf(Explanation.WaitingForEvent.class));
  }

  @Test
  void aDueInstanceThatHostsKnowIsExplainedByTheirNames() {
    String id = start(simple(), "w");
    HostedDefinition flow = new HostedDefinition(new DefinitionVersion("flow", 1));
    register("b", NEVER, flow);
    register("a", NEVER, flow);

    assertThat(reasons(id))
        .containsExactly(
            new Explanation.Unclaimed(Instant.EPOCH), new Explanation.KnownTo(List.of("a", "b")));
  }

  /** Starts instances of which one is executed until the gate opens. */
  private void occupy(Workflow<Notes> workflow, String... ids) {
    started(builder(store, workflow).name("host").polling(NEVER, NEVER));
    for (String id : ids) {
      start(workflow, id);
    }
    Eventually.until("one is executed", () -> reasons(ids[0]).get(0) instanceof Explanation.Leased);
    Eventually.until("registered", () -> !store.getHosts(1).isEmpty());
  }

  private static LimitReached limit(List<Reason> reasons) {
    return (LimitReached) reasons.get(1);
  }

  @Test
  void aLimitOfADefinitionIsExplainedWithItsUse() {
    CountDownLatch gate = gate();
    occupy(
        Workflow.define("limited", 1, Notes.class, concurrency(1))
            .run("step", (notes, context) -> gate.await())
            .build(),
        "first",
        "second");

    assertThat(reasons("second"))
        .containsExactly(
            new Explanation.Unclaimed(Instant.EPOCH),
            new LimitReached(LimitKind.CONCURRENCY, 1, 1, null, null, null));
    assertThat(limit(reasons("second")).toString())
        .isEqualTo("is held back by the limit of its definition: 1 of 1 are executed");
  }

  @Test
  void aLimitOfAKeyIsExplainedWithTheKey() {
    CountDownLatch gate = gate();
    occupy(
        Workflow.define("by key", 1, Notes.class, concurrencyPerKey(1, notes -> "customer"))
            .run("step", (notes, context) -> gate.await())
            .build(),
        "first",
        "second");

    assertThat(limit(reasons("second")))
        .isEqualTo(new LimitReached(LimitKind.CONCURRENCY_PER_KEY, 1, 1, "customer", null, null))
        .asString()
        .contains("limit of key customer: 1 of 1");
  }

  @Test
  void aRateIsExplainedWithItsNextStart() {
    CountDownLatch gate = gate();
    Instant before = Instant.now();
    occupy(
        Workflow.define("rated", 1, Notes.class, rate(1, NEVER))
            .run("step", (notes, context) -> gate.await())
            .build(),
        "first",
        "second");

    LimitReached reached = limit(reasons("second"));

    assertThat(reached.kind()).isEqualTo(LimitKind.RATE);
    assertThat(reached.period()).isEqualTo(NEVER);
    assertThat(reached.next()).isAfter(before.plus(Duration.ofMinutes(50)));
    assertThat(reached.toString()).contains("1 of 1 were claimed in PT1H");
  }

  @Test
  void aLimitThatOneOfTheHostsHasNotIsNoReason() {
    CountDownLatch gate = gate();
    occupy(
        Workflow.define("limited", 1, Notes.class, concurrency(1))
            .run("step", (notes, context) -> gate.await())
            .build(),
        "first",
        "second");
    register("without", NEVER, new HostedDefinition(new DefinitionVersion("limited", 1)));

    assertThat(reasons("second").get(1))
        .isEqualTo(new Explanation.KnownTo(List.of("host", "without")));
  }

  @Test
  void theOwnLeaseOfADeadHostIsNoLimit() {
    Workflow<Notes> limited =
        Workflow.define("limited", 1, Notes.class, concurrency(1)).run("step", notes -> {}).build();
    String id = start(limited, "w");
    DefinitionVersion version = new DefinitionVersion("limited", 1);
    ClaimLimits one = new ClaimLimits(1, null, null);
    register("live", NEVER, new HostedDefinition(version, one));
    store.claimWorkflows(
        new ClaimRequest(
            "dead",
            List.of(version),
            1,
            Long.MAX_VALUE,
            Duration.ofMillis(1),
            Map.of("limited", one)));

    Eventually.until(
        "its lease has expired",
        () -> reasons(id).contains(new Explanation.KnownTo(List.of("live"))));
    assertThat(reasons(id)).hasSize(2);
  }

  @Test
  void aTerminatedInstanceIsLeasedUntilItsStepEnds() {
    CountDownLatch gate = gate();
    occupy(define().run("step", (notes, context) -> gate.await()).build(), "first");
    WorkflowClient.over(store).terminate("first");

    assertThat(reasons("first"))
        .satisfiesExactly(
            ended -> assertThat(ended).isInstanceOf(Explanation.Ended.class),
            lease -> assertThat(lease).isInstanceOf(Explanation.Leased.class));
  }

  @Test
  void aLeaseIsExplainedWithItsHost() {
    CountDownLatch gate = gate();
    occupy(define().run("step", (notes, context) -> gate.await()).build(), "first");

    assertThat(reasons("first"))
        .singleElement()
        .isInstanceOfSatisfying(
            Explanation.Leased.class,
            lease -> {
              assertThat(lease.owner()).isEqualTo("host");
              assertThat(lease.steps()).containsExactly("step");
              assertThat(lease.toString()).endsWith("; steps to execute: [step]");
            });
  }

  @Test
  void aWaitIsExplainedWithEventsOfOtherKeys() {
    Workflow<Notes> waiting =
        define().await("payment", CALLED, notes -> "1001", Notes::and).build();
    host(waiting);
    String id = start(waiting, "w");
    awaitState(waiting, id, state -> !state.waits().isEmpty());
    WorkflowClient.over(store).publish(CALLED, "1002", "receipt");
    Eventually.until("idle", () -> reasons(id).size() == 1);

    assertThat(reasons(id))
        .singleElement()
        .isInstanceOfSatisfying(
            Explanation.WaitingForEvent.class,
            wait -> {
              assertThat(wait.eventKey()).isEqualTo("1001");
              assertThat(wait.nearMisses())
                  .extracting(EventSummary::eventKey)
                  .containsExactly("1002");
            });
  }

  @Test
  void anOfferIsExplainedWithItsActivity() {
    Workflow<Notes> packing = define().activity("pack", PACK, n -> n, Notes::and).build();
    host(packing);
    String id = start(packing, "w");
    Reason offered = new Explanation.WaitingForWorker("pack", "pack", null, null);

    Eventually.until("offered", () -> reasons(id).equals(List.of(offered)));
  }

  @Test
  void pausesFailuresAndEndsAreExplained() throws Exception {
    Workflow<Notes> failing =
        Workflow.define("failing", 1, Notes.class)
            .delay("pause", Duration.ofDays(1))
            .run(
                "step",
                notes -> {
                  throw new IllegalStateException("broken");
                },
                RetryPolicy.none())
            .build();
    Workflow<Notes> broken =
        define()
            .run(
                "step",
                notes -> {
                  throw new IllegalStateException("broken");
                },
                RetryPolicy.none())
            .build();
    WorkflowHost host = host(failing, broken);
    String sleeping = start(failing, "sleeping");
    String failed = start(broken, "failed");
    awaitState(broken, failed, state -> state.status() == WorkflowStatus.SUSPENDED);
    Eventually.until("idle", () -> reasons(failed).size() == 2);
    Eventually.until("asleep", () -> reasons(sleeping).size() == 2);

    assertThat(reasons(sleeping))
        .satisfiesExactly(
            due -> assertThat(due).isInstanceOf(Explanation.Scheduled.class),
            pause -> assertThat(pause).isInstanceOf(Explanation.Sleeping.class));
    assertThat(reasons(failed))
        .satisfiesExactly(
            suspended -> assertThat(suspended).isInstanceOf(Explanation.Suspended.class),
            step -> assertThat(step.toString()).contains("step step has failed", "broken"));
    host.terminate(failed);
    assertThat(reasons(failed)).singleElement().isInstanceOf(Explanation.Ended.class);
    assertThatThrownBy(() -> reasons("none")).isInstanceOf(NotFoundException.class);
  }

  @Test
  void aHostIsListedWhileItRuns() {
    Workflow<Notes> limited =
        Workflow.define("limited", 3, Notes.class, concurrency(2)).run("step", n -> {}).build();
    WorkflowHost host = started(builder(store, limited).name("host 7"));
    Eventually.until("registered", () -> !store.getHosts(1).isEmpty());

    RegisteredHost listed = store.getHosts(1).get(0);

    assertThat(listed.name()).isEqualTo("host 7");
    assertThat(listed.live()).isTrue();
    assertThat(listed.definitions())
        .filteredOn(hosted -> hosted.definition().equals(new DefinitionVersion("limited", 3)))
        .singleElement()
        .satisfies(hosted -> assertThat(hosted.limits().atATime()).isEqualTo(2));
    host.close();
    assertThat(store.getHosts(1)).isEmpty();
  }

  @Test
  void aHostThatCannotRegisterItselfWorks() throws Exception {
    Workflow<Notes> workflow = simple();
    Interceptor refusing = new Interceptor(store);
    CountDownLatch refused = new CountDownLatch(1);
    refusing.intercept(
        (operation, call) -> {
          if (operation.equals("registerHost")) {
            refused.countDown();
            throw unavailable();
          }
          return call.proceed();
        });
    WorkflowHost host = started(builder(refusing.provider(), workflow));
    refused.await();

    assertThat(ended(host, workflow, start(workflow, "w")).hasEnded()).isTrue();
    assertThat(host.health().failingSince()).isNull();
    assertThat(store.getHosts(1)).isEmpty();
  }
}
