package dev.wfe.host;

import static dev.wfe.host.WorkflowOption.concurrency;
import static dev.wfe.host.WorkflowOption.concurrencyPerKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Limits of all hosts together, with real threads. */
abstract class LimitedHostContract extends HostRule {
  private static final int STARTED = 30;

  private final Map<String, AtomicInteger> executing = new ConcurrentHashMap<>();
  private final Collection<Integer> seen = new ConcurrentLinkedQueue<>();

  /** Notes how many steps of a kind are executed at the moment. */
  private void execute(String kind) throws InterruptedException {
    AtomicInteger count = executing.computeIfAbsent(kind, unused -> new AtomicInteger());
    seen.add(count.incrementAndGet());
    Thread.onSpinWait();
    count.decrementAndGet();
  }

  private List<String> start(Workflow<Notes> workflow, String... notes) {
    List<String> ids = new ArrayList<>();
    WorkflowClient client = WorkflowClient.over(store);
    for (int i = 0; i < STARTED; i++) {
      Notes data = notes.length == 0 ? Notes.NONE : Notes.NONE.and(notes[i % notes.length]);
      ids.add(client.startWorkflow(workflow, data, StartOptions.none()).id());
    }
    return ids;
  }

  private void awaitAll(Workflow<Notes> workflow, List<String> ids) throws Exception {
    for (String id : ids) {
      assertThat(ended(WorkflowClient.over(store), workflow, id).status())
          .isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void hostsTogetherExecuteNoMoreThanAllowed() throws Exception {
    Workflow<Notes> workflow =
        Workflow.define("limited", 1, Notes.class, concurrency(2))
            .run("first", (notes, context) -> execute("all"))
            .run("second", (notes, context) -> execute("all"))
            .build();
    List<String> ids = start(workflow);
    host(workflow);
    host(workflow);

    awaitAll(workflow, ids);

    assertThat(seen).hasSize(2 * STARTED);
    assertThat(Collections.max(seen)).isLessThanOrEqualTo(2);
  }

  @Test
  void hostsTogetherExecuteNoMoreOfAKeyThanAllowed() throws Exception {
    Workflow<Notes> workflow =
        Workflow.define(
                "limited by key",
                1,
                Notes.class,
                concurrencyPerKey(1, notes -> notes.notes().get(0)))
            .run("step", (notes, context) -> execute(notes.notes().get(0)))
            .build();
    List<String> ids = start(workflow, "a", "b", "c");
    host(workflow);
    host(workflow);

    awaitAll(workflow, ids);

    assertThat(seen).hasSize(STARTED).containsOnly(1);
    assertThat(executing).containsOnlyKeys("a", "b", "c");
  }

  @Test
  void aStepThatTakesLongHoldsUpOnlyItsKey() throws Exception {
    CountDownLatch gate = gate();
    Workflow<Notes> workflow =
        Workflow.define(
                "held up", 1, Notes.class, concurrencyPerKey(1, notes -> notes.notes().get(0)))
            .run(
                "step",
                (notes, context) -> {
                  if (notes.notes().get(0).equals("slow")) {
                    gate.await();
                  }
                })
            .build();
    List<String> slow = start(workflow, "slow");
    host(workflow);
    List<String> quick = start(workflow, "quick");

    awaitAll(workflow, quick);
    gate.countDown();
    awaitAll(workflow, slow);
  }

  @Test
  void whatWaitsUsesUpNoLimit() throws Exception {
    Workflow<Notes> workflow =
        Workflow.define("waiting", 1, Notes.class, concurrency(1))
            .await("wait", CALLED, notes -> "key", Notes::and)
            .build();
    List<String> ids = start(workflow);
    host(workflow);
    for (String id : ids) {
      awaitState(workflow, id, state -> !state.waits().isEmpty());
    }

    WorkflowClient.over(store).publish(CALLED, "key", "go on");

    awaitAll(workflow, ids);
  }

  @Test
  void theLimitOfTheNewestVersionHolds() throws Exception {
    Workflow<Notes> old = define().run("step", (notes, context) -> execute("all")).build();
    Workflow<Notes> current =
        Workflow.define("flow", 2, Notes.class, concurrency(1))
            .run("step", (notes, context) -> execute("all"))
            .build();
    List<String> ids = start(old);
    List<String> more = start(current);
    host(old, current);

    awaitAll(old, ids);
    awaitAll(current, more);

    assertThat(seen).hasSize(2 * STARTED).containsOnly(1);
  }

  @Test
  void childrenAreLimitedByTheirKey() throws Exception {
    Workflow<Notes> child =
        Workflow.define(
                "child", 1, Notes.class, concurrencyPerKey(1, notes -> notes.notes().get(0)))
            .run("step", (notes, context) -> execute(notes.notes().get(0)))
            .build();
    Workflow<Notes> parent =
        define().child("child", child, notes -> Notes.NONE.and("of a parent"), (n, c) -> n).build();
    List<String> ids = start(parent);
    host(parent);

    awaitAll(parent, ids);

    assertThat(seen).hasSize(STARTED).containsOnly(1);
  }
}
