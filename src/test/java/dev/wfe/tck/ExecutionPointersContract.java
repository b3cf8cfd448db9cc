package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pointers of an instance and their order. */
public abstract class ExecutionPointersContract extends Contract {
  private WorkflowInstance create(List<ExecutionPointer> pointers) {
    WorkflowInstance instance = Samples.instance().toBuilder().executionPointers(pointers).build();
    provider().createNewWorkflow(instance);
    return provider().getWorkflowInstance(instance.id());
  }

  private void assertOrderSurvives(
      WorkflowInstance instance, List<ExecutionPointer> pointers, boolean knowsRevision) {
    WorkflowInstance reordered =
        instance.toBuilder()
            .executionPointers(pointers)
            .revision(knowsRevision ? instance.revision() : null)
            .build();

    provider().persistWorkflow(reordered);

    assertThat(provider().getWorkflowInstance(instance.id()).executionPointers())
        .containsExactlyElementsOf(pointers);
    assertThat(provider().getWorkflowInstances(List.of(instance.id()))).containsExactly(reordered);
  }

  @Test
  void theOrderOfAHundredPointersSurvives() {
    List<ExecutionPointer> pointers = Samples.pointers(100);

    WorkflowInstance read = create(pointers);

    assertThat(read.executionPointers()).containsExactlyElementsOf(pointers);
    assertThat(provider().getWorkflowInstanceByName(read.name()).executionPointers())
        .containsExactlyElementsOf(pointers);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pointersMayBeReordered(boolean knowsRevision) {
    WorkflowInstance instance = create(Samples.pointers(100));
    List<ExecutionPointer> shuffled = new ArrayList<>(instance.executionPointers());
    Collections.shuffle(shuffled, new Random(42));

    assertOrderSurvives(instance, shuffled, knowsRevision);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void twoPointersMayChangePlaces(boolean knowsRevision) {
    WorkflowInstance instance = create(Samples.pointers(100));
    List<ExecutionPointer> swapped = new ArrayList<>(instance.executionPointers());
    Collections.swap(swapped, 10, 90);

    assertOrderSurvives(instance, swapped, knowsRevision);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pointersMayBeInsertedInTheMiddleAndAtTheStart(boolean knowsRevision) {
    WorkflowInstance instance = create(Samples.pointers(100));
    List<ExecutionPointer> more = new ArrayList<>(instance.executionPointers());
    more.addAll(50, Samples.pointers(3));
    more.add(0, ExecutionPointer.builder(0).build());

    assertOrderSurvives(instance, more, knowsRevision);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pointersMayBeRemovedFromAnywhere(boolean knowsRevision) {
    WorkflowInstance instance = create(Samples.pointers(100));
    List<ExecutionPointer> fewer = new ArrayList<>(instance.executionPointers());
    fewer.subList(40, 60).clear();
    fewer.remove(0);
    fewer.remove(fewer.size() - 1);

    assertOrderSurvives(instance, fewer, knowsRevision);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allMayHappenAtOnce(boolean knowsRevision) {
    WorkflowInstance instance = create(Samples.pointers(100));
    List<ExecutionPointer> changed = new ArrayList<>(instance.executionPointers());
    Collections.reverse(changed);
    changed.subList(20, 30).clear();
    changed.set(5, changed.get(5).toBuilder().status(PointerStatus.COMPLETE).build());
    changed.add(7, Samples.fullPointer());

    assertOrderSurvives(instance, changed, knowsRevision);
  }

  @Test
  void orderSurvivesManyPersistsOfWhatWasReturned() {
    Random random = new Random(7);
    WorkflowInstance instance = create(Samples.pointers(10));
    for (int i = 0; i < 30; i++) {
      List<ExecutionPointer> pointers = new ArrayList<>(instance.executionPointers());
      switch (random.nextInt(4)) {
        case 0 ->
            pointers.add(random.nextInt(pointers.size()), ExecutionPointer.builder(i).build());
        case 1 -> pointers.remove(random.nextInt(pointers.size() - 1));
        case 2 -> Collections.shuffle(pointers, random);
        default -> pointers.replaceAll(pointer -> pointer.toBuilder().retryCount(3).build());
      }
      WorkflowInstance changed = instance.toBuilder().executionPointers(pointers).build();
      instance = provider().persistWorkflow(changed);
      assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(changed);
    }
  }

  @Test
  void oneOfAHundredPointersMayChange() {
    WorkflowInstance instance = create(Samples.pointers(100));
    for (int i = 0; i < 100; i += 33) {
      List<ExecutionPointer> pointers = new ArrayList<>(instance.executionPointers());
      pointers.set(i, Samples.fullPointer().toBuilder().id(pointers.get(i).id()).build());
      instance =
          provider().persistWorkflow(instance.toBuilder().executionPointers(pointers).build());
    }

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @Test
  void aPointerMayGoAndComeBack() {
    ExecutionPointer pointer = Samples.fullPointer();
    WorkflowInstance instance = create(List.of(pointer));

    WorkflowInstance without =
        provider().persistWorkflow(instance.toBuilder().executionPointers(List.of()).build());
    provider().persistWorkflow(without.toBuilder().executionPointers(List.of(pointer)).build());

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @Test
  void everyStatusSurvives() {
    List<ExecutionPointer> pointers =
        Stream.of(PointerStatus.values())
            .map(status -> ExecutionPointer.builder(0).status(status).build())
            .toList();

    assertThat(create(pointers).executionPointers()).isEqualTo(pointers);
  }

  @Test
  void listsOfIdsKeepTheirOrderAndRepetitions() {
    ExecutionPointer pointer =
        ExecutionPointer.builder(0)
            .children(List.of("z", "a", "z", "", " ", "\"", "\\", "😀"))
            .scope(List.of("2", "1", "10"))
            .build();

    assertThat(create(List.of(pointer)).executionPointers()).containsExactly(pointer);
  }
}
