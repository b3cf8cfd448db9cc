package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading the live part of a workflow. */
public abstract class LiveWorkflowContract extends Contract {
  private static ExecutionPointer pointer(PointerStatus status, String... scope) {
    return Samples.fullPointer().toBuilder().status(status).scope(List.of(scope)).build();
  }

  private LiveWorkflow live(ExecutionPointer... pointers) {
    WorkflowInstance instance =
        Samples.fullInstance().toBuilder().executionPointers(List.of(pointers)).build();
    provider().createNewWorkflow(instance);
    LiveWorkflow live = anotherHost().getLiveWorkflow(instance.id());
    assertThat(live)
        .isEqualTo(
            LiveWorkflow.of(instance.toBuilder().executionPointers(live.pointers()).build()));
    assertThat(live.revision()).isNotNull();
    return live;
  }

  @ParameterizedTest
  @EnumSource(PointerStatus.class)
  void aPointerIsShownAsLongAsItHasNotEnded(PointerStatus status) {
    ExecutionPointer pointer = pointer(status);

    assertThat(live(pointer).pointers()).isEqualTo(status.isEnd() ? List.of() : List.of(pointer));
  }

  @Test
  void theScopesOfWhatHasNotEndedAreShownInOrder() {
    ExecutionPointer outer = pointer(PointerStatus.COMPLETE);
    ExecutionPointer inner = pointer(PointerStatus.FAILED, outer.id());
    ExecutionPointer sibling = pointer(PointerStatus.COMPLETE, outer.id());
    ExecutionPointer open = pointer(PointerStatus.RUNNING, outer.id(), inner.id(), "unknown");
    ExecutionPointer alone = pointer(PointerStatus.PENDING);

    assertThat(live(open, sibling, inner, alone, outer).pointers())
        .containsExactly(open, inner, alone, outer);
  }

  @Test
  void aScopeThatIsAPointerOfAnotherWorkflowIsNotShown() {
    ExecutionPointer foreign = pointer(PointerStatus.COMPLETE);
    live(foreign);
    ExecutionPointer open = pointer(PointerStatus.PENDING, foreign.id());

    assertThat(live(open).pointers()).containsExactly(open);
  }

  @Test
  void aWorkflowWithoutPointersIsRead() {
    assertThat(live().pointers()).isEmpty();
  }

  @Test
  void manyAreReadInTheOrderOfTheIds() {
    LiveWorkflow first = live(pointer(PointerStatus.PENDING));
    LiveWorkflow second = live(pointer(PointerStatus.COMPLETE), pointer(PointerStatus.SLEEPING));

    assertThat(
            provider()
                .getLiveWorkflows(List.of(second.id(), "unknown", first.id(), "a\0", second.id())))
        .containsExactly(second, first, second);
    assertThat(provider().getLiveWorkflows(List.of())).isEmpty();
  }

  static Stream<String> badKeys() {
    return MalformedIdsContract.badKeys();
  }

  @ParameterizedTest
  @MethodSource("badKeys")
  void anIdThatNoStoreCanHoldIsNotFound(String id) {
    assertThatThrownBy(() -> provider().getLiveWorkflow(id))
        .isInstanceOfSatisfying(
            NotFoundException.class,
            failure -> assertThat(failure.subject()).isEqualTo(Subject.WORKFLOW));
    assertThat(provider().getLiveWorkflows(List.of(id))).isEmpty();
  }

  @Test
  void anUnknownIdIsNotFound() {
    assertThatThrownBy(() -> provider().getLiveWorkflow("unknown"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("unknown");
  }

  @Test
  void aReadEqualsTheResultOfTheLastWrite() {
    LiveWorkflow workflow = live(pointer(PointerStatus.COMPLETE), pointer(PointerStatus.PENDING));
    List<ExecutionPointer> pointers = new ArrayList<>(workflow.pointers());
    pointers.addAll(
        Arrays.asList(pointer(PointerStatus.COMPLETE), pointer(PointerStatus.SLEEPING)));

    LiveWorkflow written =
        provider()
            .write(WorkflowWrite.of(workflow.toBuilder().pointers(pointers).build()).build())
            .workflow();

    assertThat(anotherHost().getLiveWorkflow(workflow.id())).isEqualTo(written);
  }

  @Test
  void fewOfManyPointersAreShown() {
    List<ExecutionPointer> pointers =
        IntStream.range(0, 2_000)
            .mapToObj(
                i ->
                    ExecutionPointer.builder(i)
                        .status(i % 500 == 7 ? PointerStatus.PENDING : PointerStatus.COMPLETE)
                        .build())
            .toList();

    assertThat(live(pointers.toArray(new ExecutionPointer[0])).pointers())
        .containsExactly(
            pointers.get(7), pointers.get(507), pointers.get(1_007), pointers.get(1_507));
  }
}
