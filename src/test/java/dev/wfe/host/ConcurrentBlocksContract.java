package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Branches and items are executed at the same time, and what they do is stored one by one. */
abstract class ConcurrentBlocksContract extends HostRule {
  private static final int BRANCHES = 3;
  private static final Duration PAUSE = Duration.ofMillis(1);

  @Test
  void branchesAreExecutedAtTheSameTime() throws Exception {
    CyclicBarrier all = new CyclicBarrier(BRANCHES);
    WorkflowBuilder<Notes> builder = define();
    builder.parallel(
        "all",
        branches(i -> branch -> branch.run("step " + i, notes -> all.await(30, TimeUnit.SECONDS))));
    Workflow<Notes> workflow = builder.build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  private interface BranchOf {
    Consumer<Branch<Notes>> number(int i);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of branches
  private static Consumer<Branch<Notes>>[] branches(BranchOf branch) {
    return IntStream.range(0, BRANCHES).mapToObj(branch::number).toArray(Consumer[]::new);
  }

  @Test
  void finishedBranchGoesOnWhileItsSiblingIsExecuted() throws Exception {
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.call("a", notes -> "a", Notes::and).call("a2", notes -> "a2", Notes::and),
                b -> b.run("b", notes -> hold.await()))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> state.data().notes().equals(List.of("a", "a2")));
    hold.countDown();
    assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  @Test
  void branchesThatEndAtTheSameTimeLoseNothing() throws Exception {
    CyclicBarrier all = new CyclicBarrier(BRANCHES);
    WorkflowBuilder<Notes> builder = define();
    for (int round = 0; round < 20; round++) {
      int now = round;
      builder.parallel(
          "round " + round,
          branches(
              i ->
                  branch -> {
                    String name = now + "/" + i;
                    if (i % 2 == 0) {
                      branch.call(name, notes -> meet(all, name), Notes::and);
                    } else {
                      branch.callInTransaction(name, (notes, tx) -> meet(all, name), Notes::and);
                    }
                  }));
    }
    Workflow<Notes> workflow = builder.build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    List<String> expected = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < BRANCHES; i++) {
        expected.add(round + "/" + i);
      }
    }
    assertThat(ended(host, workflow, id).data().notes())
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  /**
   * Each transaction keeps the lease for the other one. In the end, somebody has to give it back.
   */
  @Test
  void leaseIsGivenBackWhenTransactionsEndAtTheSameTime() throws Exception {
    CountDownLatch committed = new CountDownLatch(2);
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          if (operation.equals("inTransaction")) {
            committed.countDown();
            committed.await();
          }
          return result;
        });
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.runInTransaction("a", (notes, tx) -> {}).delay("a pause", PAUSE),
                b -> b.runInTransaction("b", (notes, tx) -> {}).delay("b pause", PAUSE))
            .build();
    WorkflowHost host = started(builder(interceptor.provider(), workflow));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  private static String meet(CyclicBarrier all, String name) throws Exception {
    all.await(30, TimeUnit.SECONDS);
    return name;
  }

  @Test
  void itemsAreMergedOnceWhenHostsTakeOver() throws Exception {
    Collection<String> executed = new ConcurrentLinkedQueue<>();
    CountDownLatch some = new CountDownLatch(20);
    Workflow<Notes> workflow =
        define()
            .forEach(
                "each",
                notes -> IntStream.range(0, 100).mapToObj(String::valueOf).toList(),
                String.class,
                item ->
                    item.run(
                            "step",
                            text -> {
                              executed.add(text);
                              some.countDown();
                            })
                        .update("done", text -> text + "!"),
                Notes::and,
                Concurrency.of(8))
            .build();
    WorkflowHost first = host(workflow);
    String id = first.startWorkflow(workflow, Notes.NONE).id();
    some.await();
    first.close();
    WorkflowHost second = host(workflow);
    assertThat(ended(second, workflow, id).data().notes())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 100).mapToObj(i -> i + "!").toList());
    assertThat(executed).hasSize(100);
  }
}
