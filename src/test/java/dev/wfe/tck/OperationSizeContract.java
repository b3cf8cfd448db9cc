package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ValueLimits;
import java.util.Collections;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** An operation that is larger than the limits is refused before it is written. */
public abstract class OperationSizeContract extends Contract {
  private static final int MIB = 1024 * 1024;

  /** One text, so that many large values need little memory. */
  private static final String LARGE = "x".repeat(32 * MIB - 2);

  private static final JsonNode LARGE_JSON = TextNode.valueOf(LARGE);

  /** Of them 16 are as much as one operation writes, and everything else is too much. */
  private static Stream<ExecutionPointer> largePointers(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> ExecutionPointer.builder(i).outcome(LARGE_JSON).build());
  }

  private static void assertTooLarge(String field, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidValueException.class,
            refusal -> {
              assertThat(refusal.field()).isEqualTo(field);
              assertThat(refusal.problem())
                  .isEqualTo(
                      "brings the size of the operation to more than 536870912 bytes in total");
            });
  }

  @Test
  void pointersTogetherMayBeTooLarge() {
    WorkflowInstance small = Samples.instance();
    provider().createNewWorkflow(small);
    WorkflowInstance large =
        small.toBuilder().executionPointers(largePointers(16).toList()).build();

    assertTooLarge("executionPointers[15].outcome", () -> provider().persistWorkflow(large));

    assertThat(provider().getWorkflowInstance(small.id())).isEqualTo(small);
  }

  @Test
  void errorsTogetherMayBeTooLarge() {
    ExecutionError error = ExecutionError.now(Samples.unique("workflow"), "pointer", LARGE);

    assertTooLarge(
        "errors[15].message", () -> provider().persistErrors(Collections.nCopies(17, error)));

    assertThat(store().storedErrors(error.workflowId())).isEmpty();
  }

  @Test
  void subscriptionsMayBeTooMany() {
    WorkflowInstance instance = Samples.instance();
    provider().createNewWorkflow(instance);
    EventSubscription subscription =
        Samples.subscription("event", Samples.NOON).toBuilder().id("").build();

    assertThatThrownBy(
            () ->
                provider()
                    .persistWorkflowWithSubscriptions(
                        instance,
                        Collections.nCopies(ValueLimits.MAX_SUBSCRIPTIONS + 1, subscription)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageEndingWith("subscriptions has 10001 elements, more than 10000");
  }
}
