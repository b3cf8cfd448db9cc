package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rule 9: Children. What they do in virtual time is in {@link ChildWorkflowsTest}. */
abstract class Rule09Children extends HostRule {
  private static final int CHILDREN = 40;

  @Test
  void childrenAreExecutedOnceByWhicheverHost() throws Exception {
    Collection<String> executed = new ConcurrentLinkedQueue<>();
    CountDownLatch some = new CountDownLatch(CHILDREN / 4);
    Workflow<Notes> child =
        Workflow.define("child", 1, Notes.class)
            .run(
                "step",
                notes -> {
                  executed.add(notes.notes().get(0));
                  some.countDown();
                })
            .update("done", notes -> Notes.NONE.and(notes.notes().get(0) + "!"))
            .build();
    Workflow<Notes> parent =
        define()
            .forEach(
                "each",
                notes -> IntStream.range(0, CHILDREN).mapToObj(String::valueOf).toList(),
                String.class,
                item ->
                    item.child(
                        "child", child, Notes.NONE::and, (text, ended) -> ended.notes().get(0)),
                Notes::and,
                Concurrency.of(8))
            .build();
    WorkflowHost first = host(parent);
    host(parent);
    String id = first.startWorkflow(parent, Notes.NONE).id();
    some.await();
    first.close();
    WorkflowHost last = host(parent);
    assertThat(ended(last, parent, id).data().notes())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, CHILDREN).mapToObj(i -> i + "!").toList());
    assertThat(executed).hasSize(CHILDREN);
  }

  @Test
  void childIsTerminatedByAHostThatDoesNotKnowIt() throws Exception {
    Workflow<Notes> child =
        Workflow.define("child", 1, Notes.class)
            .await("wait", CALLED, notes -> "key", Notes::and)
            .build();
    Workflow<Notes> parent =
        define().child("child", child, notes -> notes, (notes, ended) -> ended).build();
    Workflow<Notes> unrelated =
        Workflow.define("unrelated", 1, Notes.class).run("step", notes -> {}).build();
    WorkflowHost knowing = host(parent);
    String id = knowing.startWorkflow(parent, Notes.NONE).id();
    awaitState(parent, id, state -> !state.waits().isEmpty());
    String childId = knowing.state(parent, id).waits().get(0).eventKey();
    knowing.close();

    WorkflowHost other = host(unrelated);
    assertThat(other.terminate(id)).isTrue();
    awaitState(child, childId, state -> state.status() == WorkflowStatus.TERMINATED);
    assertThat(store.getLiveWorkflows(List.of(id, childId)))
        .allSatisfy(live -> assertThat(live.status()).isEqualTo(WorkflowStatus.TERMINATED));
  }
}
