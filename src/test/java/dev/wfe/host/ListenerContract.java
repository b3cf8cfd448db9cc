package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.WorkflowWrite;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Listeners are told of what is stored, once. */
abstract class ListenerContract extends HostRule {
  private final ToldListener told = new ToldListener();
  private final AtomicInteger executions = new AtomicInteger();

  private static RetryPolicy twice() {
    return RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(2);
  }

  private void failAtFirst() {
    if (executions.incrementAndGet() == 1) {
      throw new IllegalStateException("on purpose");
    }
  }

  @Test
  void aCompensatedSagaIsToldOnce() throws Exception {
    Workflow<Notes> workflow =
        define()
            .saga(
                "booking",
                saga ->
                    saga.runInTransaction("book", (notes, transaction) -> {})
                        .compensateWith(
                            undo -> undo.runInTransaction("undo", (notes, transaction) -> {}))
                        .compensate("give up", notes -> "on purpose"),
                compensated -> {})
            .saga("complete", saga -> saga.run("step", notes -> {}), compensated -> {})
            .build();
    WorkflowHost host = started(builder(store, workflow).listener(told));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    ended(host, workflow, id);
    host.close();
    Map<String, Integer> counts = told.counts();
    counts.keySet().removeIf(key -> !key.startsWith("compensated"));
    assertThat(counts).isEqualTo(Map.of("compensated booking flow/1", 1));
  }

  @Test
  void everyAttemptAndEveryEndIsToldOnce() throws Exception {
    Workflow<Notes> completing =
        Workflow.define("completing", 1, Notes.class)
            .run("retried", notes -> failAtFirst(), twice())
            .runInTransaction("stored", (notes, transaction) -> {})
            .await("call", CALLED, notes -> "k", Notes::and)
            .update("note", notes -> notes.and("updated"))
            .build();
    Workflow<Notes> failing =
        Workflow.define("failing", 2, Notes.class)
            .run(
                "broken",
                (Notes notes) -> {
                  throw new IllegalStateException("on purpose");
                },
                twice(),
                AfterLastAttempt.TERMINATE)
            .build();
    Workflow<Notes> suspending =
        Workflow.define("suspending", 1, Notes.class)
            .call(
                "unmergeable",
                notes -> "output",
                (notes, output) -> {
                  throw new IllegalStateException("on purpose");
                })
            .build();
    WorkflowHost host = started(builder(store, completing, failing, suspending).listener(told));
    String completes = host.startWorkflow(completing, Notes.NONE).id();
    String fails = host.startWorkflow(failing, Notes.NONE).id();
    String suspends = host.startWorkflow(suspending, Notes.NONE).id();
    awaitState(completing, completes, state -> !state.waits().isEmpty());
    host.publish(CALLED, "k", "the payload");
    ended(host, completing, completes);
    ended(host, failing, fails);
    awaitState(suspending, suspends, state -> state.status() == WorkflowStatus.SUSPENDED);
    host.close();
    Map<String, Integer> counts = told.counts();
    counts.keySet().removeIf(key -> key.startsWith("claimed") || key.startsWith("stale"));
    assertThat(counts)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("started completing/1", 1),
                Map.entry("RETRIED retried attempt 1 completing/1", 1),
                Map.entry("SUCCEEDED retried attempt 2 completing/1", 1),
                Map.entry("SUCCEEDED stored attempt 1 completing/1", 1),
                Map.entry("event called completing/1", 1),
                Map.entry("completed completing/1", 1),
                Map.entry("started failing/2", 1),
                Map.entry("RETRIED broken attempt 1 failing/2", 1),
                Map.entry("FAILED broken attempt 2 failing/2", 1),
                Map.entry("failed failing/2", 1),
                Map.entry("started suspending/1", 1),
                Map.entry("FAILED unmergeable attempt 1 suspending/1", 1),
                Map.entry("suspended suspending/1", 1)));
    assertThat(told.durations()).noneMatch(Duration::isNegative);
  }

  @Test
  void manyWorkflowsOnTwoHostsAreToldOnceAltogether() throws Exception {
    Workflow<Notes> workflow =
        define().run("first", notes -> {}).run("second", notes -> {}).build();
    WorkflowHost host = started(builder(store, workflow).listener(told));
    started(builder(store, workflow).listener(told));
    List<Start<Notes>> starts =
        IntStream.range(0, 100)
            .mapToObj(i -> new Start<>(Notes.NONE, StartOptions.id("w-" + i)))
            .toList();
    var unused = host.startWorkflows(workflow, starts);
    for (int i = 0; i < 100; i++) {
      ended(host, workflow, "w-" + i);
    }
    hosts.forEach(WorkflowHost::close);
    assertThat(told.counts())
        .containsEntry("started flow/1", 100)
        .containsEntry("SUCCEEDED first attempt 1 flow/1", 100)
        .containsEntry("SUCCEEDED second attempt 1 flow/1", 100)
        .containsEntry("completed flow/1", 100);
  }

  @Test
  void aWorkflowThatIsSuspendedInItsFirstBlockStartsOnce() throws Exception {
    CountDownLatch begun = gate();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .repeatWhile(
                "loop",
                notes -> notes.notes().size() < 3,
                again ->
                    again.call(
                        "step",
                        notes -> {
                          begun.countDown();
                          hold.await();
                          return "again";
                        },
                        Notes::and))
            .build();
    WorkflowHost host = started(builder(store, workflow).listener(told));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    host.suspend(id);
    hold.countDown();
    awaitState(workflow, id, state -> !state.data().notes().isEmpty());
    host.resume(id);
    ended(host, workflow, id);
    host.close();
    assertThat(told.counts())
        .containsEntry("started flow/1", 1)
        .containsEntry("SUCCEEDED step attempt 1 flow/1", 3)
        .containsEntry("completed flow/1", 1);
  }

  @Test
  void ofAStaleWriteTheStepIsToldOnce() throws Exception {
    CountDownLatch begun = gate();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .run(
                "step",
                notes -> {
                  begun.countDown();
                  hold.await();
                })
            .build();
    WorkflowHost host = started(builder(store, workflow).listener(told));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    store.write(WorkflowWrite.of(store.getLiveWorkflow(id)).build());
    hold.countDown();
    ended(host, workflow, id);
    host.close();
    assertThat(told.counts())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "claimed flow/1", 1,
                "started flow/1", 1,
                "stale flow/1", 1,
                "SUCCEEDED step attempt 1 flow/1", 1,
                "completed flow/1", 1));
  }

  @Test
  void aTakeOverIsToldByBothHosts() throws Exception {
    CountDownLatch begun = gate();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .run(
                "step",
                notes -> {
                  begun.countDown();
                  if (executions.incrementAndGet() == 1) {
                    hold.await();
                  }
                })
            .build();
    Interceptor away = new Interceptor(store);
    ToldListener first = new ToldListener();
    started(builder(away.provider(), workflow).lease(SHORT_LEASE).listener(first));
    String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    die(away);
    WorkflowHost other = started(builder(store, workflow).lease(SHORT_LEASE).listener(told));
    ended(other, workflow, id);
    away.pass();
    Eventually.until("loss", () -> first.counts().containsKey("lease lost flow/1"));
    hosts.forEach(WorkflowHost::close);
    assertThat(first.counts())
        .containsExactlyInAnyOrderEntriesOf(Map.of("claimed flow/1", 1, "lease lost flow/1", 1));
    assertThat(told.counts())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "taken over flow/1", 1,
                "started flow/1", 1,
                "SUCCEEDED step attempt 1 flow/1", 1,
                "completed flow/1", 1));
  }

  @Test
  void aListenerThatThrowsHarmsNeitherTheHostNorOtherListeners() throws Exception {
    AtomicInteger thrown = new AtomicInteger();
    HostListener broken =
        (HostListener)
            Proxy.newProxyInstance(
                HostListener.class.getClassLoader(),
                new Class<?>[] {HostListener.class},
                (proxy, method, arguments) -> {
                  thrown.incrementAndGet();
                  throw new AssertionError("on purpose");
                });
    Workflow<Notes> workflow =
        define()
            .run("retried", notes -> failAtFirst(), twice())
            .await("call", CALLED, notes -> "k", Notes::and)
            .build();
    WorkflowHost host = started(builder(store, workflow).listener(broken).listener(told));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    host.publish(CALLED, "k", "the payload");
    ended(host, workflow, id);
    assertThat(host.health().isReady()).isTrue();
    host.close();
    assertThat(told.counts()).containsEntry("completed flow/1", 1);
    assertThat(thrown).hasPositiveValue();
  }

  @Test
  void dueWorkThatNobodyExecutesIsTold() {
    Workflow<Notes> workflow = define().run("step", notes -> {}).build();
    Workflow<Notes> unknown = Workflow.define("old", 7, Notes.class).run("s", n -> {}).build();
    WorkflowClient client = WorkflowClient.over(store);
    var unused = client.startWorkflow(unknown, Notes.NONE);
    var unusedToo = client.startWorkflow(unknown, Notes.NONE);
    started(builder(store, workflow).watchInterval(Duration.ofSeconds(1)).listener(told));
    DefinitionVersion old = new DefinitionVersion("old", 7);
    Eventually.until(
        "unknown definition",
        () -> told.allDueWork().stream().anyMatch(work -> work.unknownDefinitions().contains(old)));
    DueWork last = told.allDueWork().get(told.allDueWork().size() - 1);
    assertThat(last.due()).isEqualTo(2);
    assertThat(last.oldest()).isZero();
  }
}
