package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Revision;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StaleRevisionException;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Guarantee 1: no lost update. */
public abstract class RevisionContract extends Contract {
  private static final class ForeignRevision implements Revision {}

  private WorkflowInstance storedAndRead() {
    WorkflowInstance instance = Samples.fullInstance();
    provider().createNewWorkflow(instance);
    return provider().getWorkflowInstance(instance.id());
  }

  private static WorkflowInstance changed(WorkflowInstance instance, int mark) {
    return instance.toBuilder().data(IntNode.valueOf(mark)).build();
  }

  private void assertStale(WorkflowInstance instance) {
    assertThatThrownBy(() -> provider().persistWorkflow(instance))
        .isInstanceOfSatisfying(
            StaleRevisionException.class,
            stale -> {
              assertThat(stale.ids()).containsExactly(instance.id());
              assertThat(stale.retryable()).isFalse();
            });
  }

  @Test
  void everyReadBringsARevision() {
    WorkflowInstance instance = storedAndRead();

    assertThat(instance.revision()).isNotNull();
    assertThat(provider().getWorkflowInstanceByName(instance.name()).revision()).isNotNull();
    assertThat(provider().getWorkflowInstances(List.of(instance.id())).get(0).revision())
        .isNotNull();
    assertThat(provider().persistWorkflow(instance).revision()).isNotNull();
  }

  @Test
  void aRevisionOfEveryReadMayBePersisted() {
    WorkflowInstance instance = storedAndRead();

    provider().persistWorkflow(changed(instance, 1));
    provider().persistWorkflow(changed(provider().getWorkflowInstanceByName(instance.name()), 2));
    WorkflowInstance last =
        anotherHost()
            .persistWorkflow(
                changed(anotherHost().getWorkflowInstances(List.of(instance.id())).get(0), 3));

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(last);
  }

  @Test
  void ofTwoReadersTheSecondWriterIsRefusedAndNothingIsChanged() {
    WorkflowInstance one = storedAndRead();
    WorkflowInstance other = anotherHost().getWorkflowInstance(one.id());
    WorkflowInstance written = anotherHost().persistWorkflow(changed(other, 1));

    assertStale(
        one.toBuilder()
            .name(Samples.unique("other name"))
            .executionPointers(List.of(ExecutionPointer.builder(0).build()))
            .build());

    assertThat(provider().getWorkflowInstance(one.id())).isEqualTo(written);
  }

  @Test
  void aRevisionIsUsedUpByItsOwnWrite() {
    WorkflowInstance instance = storedAndRead();
    provider().persistWorkflow(changed(instance, 1));

    assertStale(changed(instance, 2));
  }

  @Test
  void aWriteThatChangesNothingIsAWrite() {
    WorkflowInstance one = storedAndRead();
    WorkflowInstance other = provider().getWorkflowInstance(one.id());
    provider().persistWorkflow(other);

    assertStale(one);
  }

  @Test
  void aWriteBuiltByHandMakesOlderReadsStale() {
    WorkflowInstance instance = storedAndRead();
    provider().persistWorkflow(changed(instance, 1).toBuilder().revision(null).build());

    assertStale(changed(instance, 2));
  }

  @Test
  void aRefusedWriteMayBeMadeAgainOnAFreshRead() {
    WorkflowInstance instance = storedAndRead();
    provider().persistWorkflow(changed(instance, 1));
    assertStale(changed(instance, 2));

    WorkflowInstance again =
        provider().persistWorkflow(changed(provider().getWorkflowInstance(instance.id()), 2));

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(again);
  }

  @Test
  void aValueWithoutRevisionReplacesTheStoredOne() {
    WorkflowInstance instance = storedAndRead();
    provider()
        .persistWorkflow(instance.toBuilder().executionPointers(Samples.pointers(20)).build());
    WorkflowInstance byHand = changed(Samples.instance(), 7).toBuilder().id(instance.id()).build();

    WorkflowInstance written = provider().persistWorkflow(byHand);

    assertThat(written.revision()).isNotNull();
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(byHand);
    provider().persistWorkflow(changed(written, 8));
  }

  @Test
  void aNewWorkflowDoesNotLookAtARevision() {
    WorkflowInstance instance = storedAndRead();
    WorkflowInstance copy = Samples.instance().toBuilder().revision(instance.revision()).build();

    provider().createNewWorkflow(copy);

    assertThat(provider().getWorkflowInstance(copy.id())).isEqualTo(copy);
  }

  @Test
  void aRevisionOfAnotherWorkflowOrStoreIsRefused() {
    WorkflowInstance instance = storedAndRead();
    WorkflowInstance other = storedAndRead();

    assertStale(changed(instance, 1).toBuilder().revision(other.revision()).build());
    WorkflowInstance foreign =
        changed(instance, 1).toBuilder().revision(new ForeignRevision()).build();
    assertRevisionIsRefused(() -> provider().persistWorkflow(foreign));
    assertRevisionIsRefused(() -> provider().persistWorkflowWithSubscriptions(foreign, List.of()));
    assertRevisionIsRefused(() -> provider().findPersisted(foreign));

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  private static void assertRevisionIsRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidValueException.class,
            invalid -> assertThat(invalid.field()).isEqualTo("revision"));
  }

  @Test
  void ofWritersAtTheSameTimeExactlyOneWins() throws Exception {
    for (int round = 0; round < 10; round++) {
      WorkflowInstance read = storedAndRead();

      List<Boolean> won =
          Together.run(
              8,
              number ->
                  () -> {
                    try {
                      host(number).persistWorkflow(changed(read, number));
                      return true;
                    } catch (StaleRevisionException e) {
                      return false;
                    }
                  });

      assertThat(won).containsOnlyOnce(true);
      assertThat(provider().getWorkflowInstance(read.id()))
          .isEqualTo(changed(read, won.indexOf(true)));
    }
  }

  @Test
  void noUpdateIsLostWhenEachWriterReadsAnewAfterARefusal() throws Exception {
    WorkflowInstance counter = changed(Samples.instance(), 0);
    provider().createNewWorkflow(counter);
    int writers = 4;
    int additions = 25;

    Together.run(
        writers,
        number ->
            () -> {
              for (int i = 0; i < additions; i++) {
                Together.until(() -> addedOne(number, counter.id()));
              }
              return number;
            });

    assertThat(provider().getWorkflowInstance(counter.id()).data().intValue())
        .isEqualTo(writers * additions);
  }

  private boolean addedOne(int number, String id) {
    WorkflowInstance read = host(number).getWorkflowInstance(id);
    try {
      host(number).persistWorkflow(changed(read, read.data().intValue() + 1));
      return true;
    } catch (StaleRevisionException e) {
      return false;
    }
  }

  /** Each writer's value is told by its mark, which its data and all its pointers carry. */
  @Test
  void valuesBuiltByHandAreNeverMixed() throws Exception {
    WorkflowInstance instance = marked(Samples.instance(), 0);
    provider().createNewWorkflow(instance);

    List<Boolean> whole =
        Together.run(
            6,
            number ->
                () ->
                    IntStream.rangeClosed(1, 40)
                        .allMatch(
                            i -> {
                              if (number < 3) {
                                host(number).persistWorkflow(marked(instance, number * 1_000 + i));
                              }
                              return isWhole(host(number).getWorkflowInstance(instance.id()));
                            }));

    assertThat(whole).containsOnly(true);
    assertThat(isWhole(provider().getWorkflowInstance(instance.id()))).isTrue();
  }

  /** As many pointers as the mark's last digit says, some shared with other writers' values. */
  private static WorkflowInstance marked(WorkflowInstance instance, int mark) {
    List<ExecutionPointer> pointers =
        IntStream.rangeClosed(0, mark % 10)
            .mapToObj(i -> ExecutionPointer.builder(mark).id(instance.id() + "/" + i).build())
            .toList();
    return changed(instance, mark).toBuilder().executionPointers(pointers).build();
  }

  private static boolean isWhole(WorkflowInstance read) {
    return read.equals(marked(read, read.data().intValue()));
  }
}
