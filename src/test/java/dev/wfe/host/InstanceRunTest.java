package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A step whose outcome is stored is not begun again, whatever is read at the same moment. */
final class InstanceRunTest {
  private static final String ID = "w-1";

  private final PersistenceProvider store = new InMemoryPersistenceProvider();
  private final Workflow<Notes> workflow =
      Workflow.define("two", 1, Notes.class)
          .parallel("both", a -> a.run("a", notes -> {}), b -> b.run("b", notes -> {}))
          .build();
  private InstanceRun run;

  @BeforeEach
  void store() {
    store.create(
        WorkflowInstance.builder("two", 1)
            .id(ID)
            .executionPointers(List.of(pointer("a"), pointer("b")))
            .build());
    run =
        new InstanceRun(
            workflow.graph(),
            new Claim(Subject.WORKFLOW, ID, "host", 1),
            store.getLiveWorkflow(ID));
  }

  private static ExecutionPointer pointer(String name) {
    return ExecutionPointer.builder(name, 1).stepName(name).build();
  }

  private static ExecutionPointer pointer(LiveWorkflow live, String id) {
    return live.pointers().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
  }

  /** What a step's transaction does. */
  private LiveWorkflow ended(LiveWorkflow live, String id) {
    List<ExecutionPointer> pointers =
        live.pointers().stream()
            .map(
                each ->
                    each.id().equals(id)
                        ? each.toBuilder().status(PointerStatus.COMPLETE).active(false).build()
                        : each)
            .toList();
    return store
        .write(WorkflowWrite.of(live.toBuilder().pointers(pointers).build()).build())
        .workflow();
  }

  @Test
  void readingThatIsOlderThanACommitIsNotTaken() {
    LiveWorkflow first = run.live();
    assertThat(run.begin(pointer(first, "a"))).isTrue();
    assertThat(run.begin(pointer(first, "b"))).isTrue();
    LiveWorkflow withA = ended(first, "a");
    assertThat(run.committed(first, withA, "a")).isTrue();
    run.outdate();

    int known = run.news();
    LiveWorkflow older = store.getLiveWorkflow(ID);
    LiveWorkflow withB = ended(older, "b");
    run.committed(older, withB, "b");
    run.reload(workflow.graph(), older, known);

    assertThat(run.isOutdated()).isTrue();
    assertThat(run.begin(pointer(older, "b"))).isFalse();
    run.reload(workflow.graph(), store.getLiveWorkflow(ID), run.news());
    assertThat(run.isOutdated()).isFalse();
    assertThat(run.begin(pointer(older, "b"))).isFalse();
  }

  @Test
  void pointerOfAnOlderVersionIsNotBegun() {
    LiveWorkflow first = run.live();
    assertThat(run.begin(pointer(first, "a"))).isTrue();
    assertThat(run.committed(first, ended(first, "a"), "a")).isTrue();

    assertThat(run.begin(pointer(first, "a"))).isFalse();
    assertThat(run.begin(pointer(run.live(), "b"))).isTrue();
    assertThat(run.begin(pointer(run.live(), "b"))).isFalse();
  }
}
