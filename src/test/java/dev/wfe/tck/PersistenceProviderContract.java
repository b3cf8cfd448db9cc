package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionError;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ValueLimits;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What belongs to no single repository. */
public abstract class PersistenceProviderContract extends Contract {
  @Test
  void errorsAreStored() {
    String workflow = Samples.unique("workflow");
    List<ExecutionError> errors =
        List.of(
            new ExecutionError(Samples.NOON, workflow, "pointer", "first"),
            new ExecutionError(Samples.NOON, workflow, "pointer", "first"),
            new ExecutionError(ValueLimits.MIN_INSTANT, workflow, "", ""),
            new ExecutionError(ValueLimits.MAX_INSTANT, workflow, "p", "long ".repeat(100_000)));

    provider().persistErrors(errors);
    provider().persistErrors(List.of(ExecutionError.now(Samples.unique("other"), "p", "m")));

    assertThat(store().storedErrors(workflow)).containsExactlyInAnyOrderElementsOf(errors);
  }

  @Test
  void manyErrorsAreStoredAtOnce() {
    String workflow = Samples.unique("workflow");

    provider()
        .persistErrors(
            IntStream.range(0, 20_000)
                .mapToObj(i -> ExecutionError.now(workflow, "pointer", "message " + i))
                .toList());

    assertThat(store().storedErrors(workflow)).hasSize(20_000);
  }

  @Test
  void noErrorsAreNothing() {
    provider().persistErrors(List.of());
  }

  @Test
  void theWorkflowOfAnErrorNeedNotBeThere() {
    provider().persistErrors(List.of(ExecutionError.now("nowhere", "nobody", "nothing")));

    assertThat(store().storedErrors("nowhere")).isNotEmpty();
  }

  @Test
  void theStoreMayBeEnsuredAgainWithNothingLost() throws Exception {
    WorkflowInstance instance = Samples.fullInstance();
    provider().createNewWorkflow(instance);

    provider().ensureStoreExists();
    Together.run(
        4,
        number ->
            () -> {
              host(number).ensureStoreExists();
              return number;
            });

    assertThat(anotherHost().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }
}
