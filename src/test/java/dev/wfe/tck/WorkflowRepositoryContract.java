package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Subject;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Creating, reading and replacing instances. */
public abstract class WorkflowRepositoryContract extends Contract {
  private static final int CONTENDERS = 16;

  @Test
  void aCreatedInstanceIsReadBackByIdAndByName() {
    WorkflowInstance instance = Samples.fullInstance();

    assertThat(provider().createNewWorkflow(instance)).isEqualTo(instance.id());

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
    assertThat(anotherHost().getWorkflowInstanceByName(instance.name())).isEqualTo(instance);
  }

  @Test
  void defaultsAreReadBackAsTheyAre() {
    WorkflowInstance instance = Samples.instanceWith(ExecutionPointer.builder(0).build());

    provider().createNewWorkflow(instance);

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @Test
  void anEmptyIdBecomesATimeOrderedUuidAndAnEmptyNameTheId() {
    WorkflowInstance unnamed = WorkflowInstance.builder("definition", 1).build();

    String id = provider().createNewWorkflow(unnamed);

    assertThat(UUID.fromString(id).version()).isEqualTo(7);
    assertThat(provider().getWorkflowInstance(id).name()).isEqualTo(id);
    assertThat(provider().createNewWorkflow(unnamed)).isNotEqualTo(id);
  }

  @Test
  void anEmptyNameBecomesTheGivenId() {
    WorkflowInstance unnamed = Samples.instance().toBuilder().name("").build();

    provider().createNewWorkflow(unnamed);

    assertThat(provider().getWorkflowInstanceByName(unnamed.id()).id()).isEqualTo(unnamed.id());
  }

  @Test
  void aGivenNameStaysWhenTheIdIsAssigned() {
    WorkflowInstance instance = Samples.instance().toBuilder().id("").build();

    String id = provider().createNewWorkflow(instance);

    assertThat(provider().getWorkflowInstanceByName(instance.name()).id()).isEqualTo(id);
  }

  @Test
  void aTakenIdIsRefused() {
    WorkflowInstance first = Samples.fullInstance();
    provider().createNewWorkflow(first);
    WorkflowInstance second = Samples.instance().toBuilder().id(first.id()).build();

    assertDuplicate(second, Subject.WORKFLOW, "id", first.id());

    assertThat(provider().getWorkflowInstance(first.id())).isEqualTo(first);
    assertThatThrownBy(() -> provider().getWorkflowInstanceByName(second.name()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void aTakenNameIsRefused() {
    WorkflowInstance first = Samples.instance();
    provider().createNewWorkflow(first);
    WorkflowInstance second = Samples.fullInstance().toBuilder().name(first.name()).build();

    assertDuplicate(second, Subject.WORKFLOW, "name", first.name());

    assertThat(provider().getWorkflowInstanceByName(first.name())).isEqualTo(first);
    assertNotStored(second);
  }

  @Test
  void anEmptyNameIsRefusedWhenTheIdIsTakenAsAName() {
    WorkflowInstance first = Samples.instance();
    provider().createNewWorkflow(first);
    WorkflowInstance second = Samples.instance().toBuilder().id(first.name()).name("").build();

    assertDuplicate(second, Subject.WORKFLOW, "name", first.name());
    assertNotStored(second);
  }

  @Test
  void aPointerOfAnotherWorkflowIsRefusedAndStaysWithItsOwner() {
    ExecutionPointer pointer = Samples.fullPointer();
    WorkflowInstance owner = Samples.instanceWith(pointer);
    provider().createNewWorkflow(owner);
    WorkflowInstance thief =
        Samples.instanceWith(
            ExecutionPointer.builder(1).build(),
            ExecutionPointer.builder(2).id(pointer.id()).build());

    assertDuplicate(thief, Subject.EXECUTION_POINTER, "id", pointer.id());

    assertNotStored(thief);
    assertThat(provider().getWorkflowInstance(owner.id())).isEqualTo(owner);
  }

  private void assertDuplicate(
      WorkflowInstance instance, Subject subject, String field, String value) {
    assertThatThrownBy(() -> provider().createNewWorkflow(instance))
        .isInstanceOfSatisfying(
            DuplicateException.class,
            duplicate -> {
              assertThat(duplicate.subject()).isEqualTo(subject);
              assertThat(duplicate.field()).isEqualTo(field);
              assertThat(duplicate.value()).isEqualTo(value);
              assertThat(duplicate.ids()).contains(value);
              assertThat(duplicate.retryable()).isFalse();
            });
  }

  private void assertNotStored(WorkflowInstance instance) {
    assertThatThrownBy(() -> provider().getWorkflowInstance(instance.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void ofContendersForAnIdExactlyOneWins() throws Exception {
    String id = Samples.unique("contended");
    assertOneWins(number -> Samples.instance().toBuilder().id(id).build(), "id");
  }

  @Test
  void ofContendersForANameExactlyOneWins() throws Exception {
    String name = Samples.unique("contended");
    assertOneWins(number -> Samples.instance().toBuilder().name(name).build(), "name");
  }

  @Test
  void ofContendersForAPointerExactlyOneWins() throws Exception {
    String pointer = Samples.unique("contended");
    assertOneWins(
        number -> Samples.instanceWith(ExecutionPointer.builder(number).id(pointer).build()), "id");
  }

  private void assertOneWins(IntFunction<WorkflowInstance> instances, String field)
      throws Exception {
    List<String> outcomes =
        Together.run(CONTENDERS, number -> creation(number, instances.apply(number)));

    assertThat(outcomes).filteredOn("created"::equals).hasSize(1);
    assertThat(outcomes).filteredOn(field::equals).hasSize(CONTENDERS - 1);
  }

  private Callable<String> creation(int number, WorkflowInstance instance) {
    return () -> {
      try {
        host(number).createNewWorkflow(instance);
        return "created";
      } catch (DuplicateException e) {
        return e.field();
      }
    };
  }

  @Test
  void namesMayLookLikeIds() {
    WorkflowInstance first = Samples.instance();
    WorkflowInstance second = Samples.instance().toBuilder().name(first.id()).build();
    provider().createNewWorkflow(first);
    provider().createNewWorkflow(second);

    assertThat(provider().getWorkflowInstance(first.id())).isEqualTo(first);
    assertThat(provider().getWorkflowInstanceByName(first.id())).isEqualTo(second);
    assertThatThrownBy(() -> provider().getWorkflowInstance(first.name()))
        .isInstanceOf(NotFoundException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "it's",
        "a\"b",
        "a\\b",
        "%_",
        "$1 ? :name",
        " space ",
        "\t\r\n",
        "\u0001\u007f",
        "é€😀",
        "e\u0301",
        "\u202eright to left",
        "\uffff",
        "null",
        "NULL",
        "; drop table workflows --"
      })
  void oddTextSurvivesAsIdNameAndReference(String text) {
    String odd = Samples.unique(text);
    WorkflowInstance instance =
        Samples.instance().toBuilder()
            .id(odd)
            .name(odd)
            .description(text)
            .reference(text)
            .workflowDefinitionId(text)
            .executionPointers(
                List.of(
                    ExecutionPointer.builder(0)
                        .id(odd)
                        .eventKey(text)
                        .stepName(text)
                        .children(List.of(text, text))
                        .build()))
            .build();

    provider().createNewWorkflow(instance);

    assertThat(provider().getWorkflowInstance(odd)).isEqualTo(instance);
    assertThat(provider().getWorkflowInstanceByName(odd)).isEqualTo(instance);
    assertThat(provider().getWorkflowInstances(List.of(odd))).containsExactly(instance);
  }

  @Test
  void idsAndNamesDifferByCaseAndSpaces() {
    WorkflowInstance instance = Samples.instance().toBuilder().id(Samples.unique("a")).build();
    provider().createNewWorkflow(instance);
    WorkflowInstance upper =
        Samples.instance().toBuilder().id(instance.id().replace('a', 'A')).build();
    WorkflowInstance spaced = Samples.instance().toBuilder().id(instance.id() + " ").build();

    provider().createNewWorkflow(upper);
    provider().createNewWorkflow(spaced);

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
    assertThat(provider().getWorkflowInstance(upper.id())).isEqualTo(upper);
    assertThat(provider().getWorkflowInstance(spaced.id())).isEqualTo(spaced);
  }

  @Test
  void aMissingRowIsNotFound() {
    assertThatThrownBy(() -> provider().getWorkflowInstance("nowhere"))
        .isInstanceOfSatisfying(
            NotFoundException.class,
            failure -> {
              assertThat(failure.subject()).isEqualTo(Subject.WORKFLOW);
              assertThat(failure.ids()).containsExactly("nowhere");
              assertThat(failure.retryable()).isFalse();
            });
    assertThatThrownBy(() -> provider().getWorkflowInstanceByName("nowhere"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("nowhere");
  }
}
