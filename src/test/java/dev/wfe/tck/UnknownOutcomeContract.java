package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StaleRevisionException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Guarantee 4: after an unknown outcome the provider can be asked whether the write is stored. */
public abstract class UnknownOutcomeContract extends Contract {
  private WorkflowInstance storedAndRead() {
    WorkflowInstance instance = Samples.fullInstance();
    provider().createNewWorkflow(instance);
    return provider().getWorkflowInstance(instance.id());
  }

  private static WorkflowInstance changed(WorkflowInstance instance, int mark) {
    return instance.toBuilder().data(IntNode.valueOf(mark)).build();
  }

  @Test
  void aPersistedValueIsFoundAndCanBePersistedAgain() {
    WorkflowInstance given = changed(storedAndRead(), 1);
    provider().persistWorkflow(given);

    WorkflowInstance found = anotherHost().findPersisted(given).orElseThrow();

    assertThat(found).isEqualTo(given);
    assertThat(provider().persistWorkflow(changed(found, 2)).data()).isEqualTo(IntNode.valueOf(2));
  }

  @Test
  void aRepetitionOfWhatLandedIsStaleAndTheFirstIsFound() {
    WorkflowInstance given = changed(storedAndRead(), 1);
    provider()
        .persistWorkflowWithSubscriptions(
            given, List.of(Samples.subscription("topic", Samples.NOON)));

    assertThatThrownBy(() -> provider().persistWorkflow(given))
        .isInstanceOf(StaleRevisionException.class);

    assertThat(provider().findPersisted(given)).contains(given);
  }

  @Test
  void aWriteThatDidNotHappenIsNotFound() {
    assertThat(provider().findPersisted(changed(storedAndRead(), 1))).isEmpty();
  }

  @Test
  void anUnwrittenValueIsNotFoundEvenIfItEqualsTheStored() {
    WorkflowInstance given = storedAndRead();
    assertThat(provider().findPersisted(given)).isEmpty();

    provider().persistWorkflow(given);

    assertThat(provider().findPersisted(given)).contains(given);
  }

  @Test
  void anOverwrittenWriteIsNotFound() {
    WorkflowInstance given = changed(storedAndRead(), 1);
    WorkflowInstance persisted = provider().persistWorkflow(given);
    anotherHost().persistWorkflow(changed(persisted, 2));

    assertThat(provider().findPersisted(given)).isEmpty();
  }

  @Test
  void aValueBuiltByHandIsFoundByWhatItHolds() {
    WorkflowInstance byHand = storedAndRead().toBuilder().revision(null).build();

    assertThat(provider().findPersisted(byHand)).contains(byHand);
    assertThat(provider().findPersisted(changed(byHand, 1))).isEmpty();
  }

  @Test
  void anUnknownOrImpossibleIdIsNotFound() {
    WorkflowInstance unknown = Samples.instance();

    assertThat(provider().findPersisted(unknown)).isEmpty();
    assertThat(provider().findPersisted(unknown.toBuilder().id("").build())).isEmpty();
    assertThat(provider().findPersisted(unknown.toBuilder().id("a\0").build())).isEmpty();
  }
}
