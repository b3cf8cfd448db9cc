package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sagas are compensated completely and in order, whatever is under way and whoever dies. */
abstract class SagaContract extends HostRule {
  private final Collection<String> log = new ConcurrentLinkedQueue<>();

  @Test
  void stepUnderWayEndsBeforeItIsCompensated() throws Exception {
    CountDownLatch begun = gate();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .saga(
                "saga",
                saga ->
                    saga.parallel(
                        "both",
                        a ->
                            a.call(
                                    "slow",
                                    notes -> {
                                      begun.countDown();
                                      hold.await();
                                      return "slow";
                                    },
                                    Notes::and)
                                .compensateWith(undo -> undo.run("undo slow", this::undone))
                                .run("never", notes -> log.add("never")),
                        b ->
                            b.run("wait", notes -> begun.await())
                                .compensate("fail", notes -> "no")),
                sorry -> {})
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> state.step("saga").orElseThrow().error() != null);
    assertThat(log).isEmpty();
    hold.countDown();
    WorkflowState<Notes> state = ended(host, workflow, id);
    assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(log).containsExactly(Notes.NONE.and("slow").toString());
    assertThat(state.step("slow").orElseThrow().status()).isEqualTo(PointerStatus.COMPENSATED);
  }

  private void undone(Notes notes) {
    log.add(notes.toString());
  }

  @Test
  void anotherHostGoesOnWithTheCompensation() throws Exception {
    CountDownLatch hold = gate();
    Interceptor interceptor = new Interceptor(store);
    int steps = 5;
    WorkflowBuilder<Notes> builder = define();
    builder.saga(
        "saga",
        saga -> {
          for (int i = 0; i < steps; i++) {
            String name = "step " + i;
            saga.run(name, notes -> {})
                .compensateWith(
                    undo ->
                        undo.call(
                            "undo " + name,
                            notes -> {
                              if (log.size() == 2) {
                                die(interceptor);
                                log.add(name);
                                hold.await();
                              }
                              log.add(name);
                              return name;
                            },
                            Notes::and));
          }
          saga.compensate("fail", notes -> "no");
        },
        sorry -> {});
    Workflow<Notes> workflow = builder.build();
    WorkflowHost first =
        started(builder(interceptor.provider(), workflow).lease(SHORT_LEASE).name("first"));
    String id = first.startWorkflow(workflow, Notes.NONE).id();
    Eventually.until("death of the first host", () -> log.size() == 3);
    WorkflowHost second = started(builder(store, workflow).name("second"));
    List<String> expected =
        new ArrayList<>(IntStream.range(0, steps).mapToObj(i -> "step " + i).toList());
    Collections.reverse(expected);
    assertThat(ended(second, workflow, id).data().notes()).isEqualTo(expected);
    expected.add(2, expected.get(2));
    assertThat(log).containsExactlyElementsOf(expected);
  }

  @Test
  void manySagasAreCompensatedByTwoHosts() throws Exception {
    Workflow<Notes> workflow =
        define()
            .saga(
                "saga",
                saga ->
                    saga.call("a", notes -> "a", Notes::and)
                        .compensateWith(undo -> undo.call("undo a", notes -> "-a", Notes::and))
                        .callInTransaction("b", (notes, tx) -> "b", Notes::and)
                        .compensateWith(
                            undo ->
                                undo.delay("pause", Duration.ofMillis(1))
                                    .callInTransaction("undo b", (notes, tx) -> "-b", Notes::and))
                        .compensate("fail", notes -> "no"),
                sorry -> sorry.call("sorry", notes -> "sorry", Notes::and))
            .build();
    WorkflowHost host = host(workflow);
    host(workflow);
    List<String> ids =
        IntStream.range(0, 50)
            .mapToObj(i -> host.startWorkflow(workflow, Notes.NONE).id())
            .toList();
    for (String id : ids) {
      assertThat(ended(host, workflow, id).data().notes())
          .containsExactly("a", "b", "-b", "-a", "sorry");
    }
  }
}
