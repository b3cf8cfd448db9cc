package dev.wfe.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What counts towards the size of an operation. */
class OperationSizeTest {
  private static final String LARGE = "x".repeat(32 * 1024 * 1024 - 2);
  private static final JsonNode LARGE_JSON = TextNode.valueOf(LARGE);

  private static WorkflowInstance with(int count, ExecutionPointer pointer) {
    List<ExecutionPointer> pointers =
        IntStream.range(0, count).mapToObj(i -> pointer.toBuilder().id("p" + i).build()).toList();
    return WorkflowInstance.builder("definition", 0)
        .id("id")
        .name("name")
        .executionPointers(pointers)
        .build();
  }

  private static String fieldOf(ThrowingCallable check) {
    InvalidValueException refusal = catchThrowableOfType(InvalidValueException.class, check);
    assertThat(refusal.problem())
        .isEqualTo("brings the size of the operation to more than 536870912 bytes in total");
    return refusal.field();
  }

  @Test
  void anInstanceAndItsSubscriptionsCountTogether() {
    WorkflowInstance instance = with(10, ExecutionPointer.builder(0).outcome(LARGE_JSON).build());
    EventSubscription subscription =
        EventSubscription.builder("w", "p", "e", "k")
            .subscribeAsOf(Instant.EPOCH)
            .subscriptionData(LARGE_JSON)
            .build();

    assertThatCode(() -> ValueLimits.check(instance, Collections.nCopies(5, subscription)))
        .doesNotThrowAnyException();
    assertThat(fieldOf(() -> ValueLimits.check(instance, Collections.nCopies(6, subscription))))
        .isEqualTo("subscriptionData");
  }

  @Test
  void freeTextCounts() {
    WorkflowInstance instance = with(16, ExecutionPointer.builder(0).stepName(LARGE).build());

    assertThat(fieldOf(() -> ValueLimits.check(instance)))
        .isEqualTo("executionPointers[15].stepName");
  }

  @Test
  void storedValuesDoNotCountTowardsTheLimit() {
    WorkflowInstance stored = with(20, ExecutionPointer.builder(0).outcome(LARGE_JSON).build());

    assertThatCode(() -> ValueLimits.check(stored.toBuilder().reference("r").build(), stored))
        .doesNotThrowAnyException();
  }
}
