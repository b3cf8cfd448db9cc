package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Subject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replacing what is stored. Each test runs with a value that was read and with one that was built
 * by hand, because stores may write the two in different ways.
 */
public abstract class PersistWorkflowContract extends Contract {
  /** Stores it, and returns it as read or as built by hand. */
  private WorkflowInstance stored(WorkflowInstance instance, boolean wasRead) {
    provider().createNewWorkflow(instance);
    return wasRead ? provider().getWorkflowInstance(instance.id()) : instance;
  }

  private void assertPersisted(WorkflowInstance changed) {
    assertThat(provider().persistWorkflow(changed)).isEqualTo(changed);
    assertThat(provider().getWorkflowInstance(changed.id())).isEqualTo(changed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyFieldIsReplaced(boolean wasRead) {
    WorkflowInstance small = stored(Samples.instance(), wasRead);
    WorkflowInstance full =
        Samples.fullInstance().toBuilder().id(small.id()).revision(small.revision()).build();

    assertPersisted(full);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fieldsAbsentInTheValueAreRemoved(boolean wasRead) {
    WorkflowInstance full = stored(Samples.fullInstance(), wasRead);
    WorkflowInstance small =
        Samples.instance().toBuilder()
            .id(full.id())
            .revision(full.revision())
            .nextExecution(null)
            .build();

    assertPersisted(small);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPointerLosesWhatIsAbsentInTheValue(boolean wasRead) {
    ExecutionPointer full = Samples.fullPointer();
    WorkflowInstance instance = stored(Samples.instanceWith(full), wasRead);
    ExecutionPointer small = ExecutionPointer.builder(0).id(full.id()).build();

    assertPersisted(instance.toBuilder().executionPointers(List.of(small)).build());
    assertThat(provider().getWorkflowInstance(instance.id()).executionPointers())
        .containsExactly(small);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pointersAreAddedChangedAndRemoved(boolean wasRead) {
    ExecutionPointer kept = ExecutionPointer.builder(1).build();
    ExecutionPointer changed = ExecutionPointer.builder(2).build();
    ExecutionPointer removed = ExecutionPointer.builder(3).build();
    WorkflowInstance instance = stored(Samples.instanceWith(kept, changed, removed), wasRead);
    ExecutionPointer added = Samples.fullPointer();

    assertPersisted(
        instance.toBuilder()
            .executionPointers(
                List.of(
                    kept,
                    changed.toBuilder()
                        .status(PointerStatus.COMPLETE)
                        .outcome(IntNode.valueOf(1))
                        .build(),
                    added))
            .build());
    assertPersisted(
        provider().getWorkflowInstance(instance.id()).toBuilder()
            .executionPointers(List.of())
            .build());
  }

  @Test
  void aReturnedValueMayBePersistedAgain() {
    WorkflowInstance instance = stored(Samples.instance(), false);
    for (int i = 1; i <= 10; i++) {
      List<ExecutionPointer> pointers = new ArrayList<>(instance.executionPointers());
      pointers.add(ExecutionPointer.builder(i).build());
      instance =
          provider()
              .persistWorkflow(
                  instance.toBuilder().executionPointers(pointers).nextExecution((long) i).build());
    }

    assertThat(instance.executionPointers()).hasSize(10);
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @Test
  void anUnknownIdIsNotFoundAndNotCreated() {
    WorkflowInstance unknown = Samples.fullInstance();

    assertThatThrownBy(() -> provider().persistWorkflow(unknown))
        .isInstanceOfSatisfying(
            NotFoundException.class,
            failure -> {
              assertThat(failure.subject()).isEqualTo(Subject.WORKFLOW);
              assertThat(failure.ids()).contains(unknown.id());
            });

    assertThatThrownBy(() -> provider().getWorkflowInstance(unknown.id()))
        .isInstanceOf(NotFoundException.class);
    provider().createNewWorkflow(unknown);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aNewNameFreesTheOldOne(boolean wasRead) {
    WorkflowInstance instance = stored(Samples.instance(), wasRead);
    WorkflowInstance renamed = instance.toBuilder().name(Samples.unique("renamed")).build();
    provider().persistWorkflow(renamed);

    assertThat(provider().getWorkflowInstanceByName(renamed.name())).isEqualTo(renamed);
    assertThatThrownBy(() -> provider().getWorkflowInstanceByName(instance.name()))
        .isInstanceOf(NotFoundException.class);
    provider().createNewWorkflow(Samples.instance().toBuilder().name(instance.name()).build());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTakenNameIsRefusedAndNothingIsChanged(boolean wasRead) {
    WorkflowInstance other = stored(Samples.instance(), false);
    WorkflowInstance instance = stored(Samples.fullInstance(), wasRead);
    WorkflowInstance clash =
        instance.toBuilder()
            .name(other.name())
            .status(WorkflowStatus.TERMINATED)
            .executionPointers(List.of())
            .build();

    assertThatThrownBy(() -> provider().persistWorkflow(clash))
        .isInstanceOfSatisfying(
            DuplicateException.class,
            duplicate -> {
              assertThat(duplicate.subject()).isEqualTo(Subject.WORKFLOW);
              assertThat(duplicate.field()).isEqualTo("name");
              assertThat(duplicate.value()).isEqualTo(other.name());
            });
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
    assertThat(provider().getWorkflowInstance(other.id())).isEqualTo(other);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPointerOfAnotherWorkflowIsNeverTakenOver(boolean wasRead) {
    ExecutionPointer pointer = Samples.fullPointer();
    WorkflowInstance owner = stored(Samples.instanceWith(pointer), false);
    WorkflowInstance instance = stored(Samples.fullInstance(), wasRead);
    WorkflowInstance thief =
        instance.toBuilder()
            .status(WorkflowStatus.COMPLETE)
            .executionPointers(List.of(pointer.toBuilder().stepId(1).build()))
            .build();

    assertThatThrownBy(() -> provider().persistWorkflow(thief))
        .isInstanceOfSatisfying(
            DuplicateException.class,
            duplicate -> {
              assertThat(duplicate.subject()).isEqualTo(Subject.EXECUTION_POINTER);
              assertThat(duplicate.field()).isEqualTo("id");
              assertThat(duplicate.value()).isEqualTo(pointer.id());
            });
    assertThat(provider().getWorkflowInstance(owner.id())).isEqualTo(owner);
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPointerMayBelongToAnotherOnceItsOwnerLetItGo(boolean wasRead) {
    ExecutionPointer pointer = Samples.fullPointer();
    WorkflowInstance owner = stored(Samples.instanceWith(pointer), wasRead);
    WorkflowInstance heir = stored(Samples.instance(), wasRead);

    assertPersisted(owner.toBuilder().executionPointers(List.of()).build());
    assertPersisted(heir.toBuilder().executionPointers(List.of(pointer)).build());
  }

  @Test
  void anotherWorkflowIsNotChanged() {
    WorkflowInstance bystander = stored(Samples.fullInstance(), true);
    WorkflowInstance instance = stored(Samples.fullInstance(), true);

    provider().persistWorkflow(instance.toBuilder().executionPointers(List.of()).build());

    assertPersisted(bystander);
  }
}
