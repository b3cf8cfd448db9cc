package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowWrite;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values of the greatest size can be read back. A larger operation is refused before anything is
 * written.
 */
public abstract class GreatestSizesContract extends Contract {
  /**
   * The greatest document. Its characters take 6 bytes each in JSON, so it is counted in less time
   * than one of letters.
   */
  private static final JsonNode LARGE =
      TextNode.valueOf("\u0001".repeat(ValueLimits.MAX_JSON_BYTES / 6));

  /** One operation can write 16 of them, and nothing else. */
  private static Stream<ExecutionPointer> largePointers(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> ExecutionPointer.builder(i).outcome(LARGE).build());
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
    String text = "€".repeat(ValueLimits.MAX_JSON_BYTES / 3);
    ExecutionError error = ExecutionError.now(Samples.unique("workflow"), "pointer", text);

    assertTooLarge(
        "errors[15].message", () -> provider().persistErrors(Collections.nCopies(17, error)));

    assertThat(store().storedErrors(error.workflowId())).isEmpty();
  }

  @Test
  void aBatchThatIsTooLargeTogetherIsRefusedAsAWhole() {
    WorkflowInstance stored = provider().create(Samples.instance());
    Event event =
        Samples.event(Samples.unique("topic"), Samples.NOON).toBuilder()
            .id("")
            .eventData(LARGE)
            .build();
    WorkflowInstance instance = Samples.instance().toBuilder().data(LARGE).build();
    WorkflowWrite write = WorkflowWrite.of(stored.toBuilder().data(LARGE).build()).build();

    assertTooLarge("events[15]", () -> provider().createEvents(Collections.nCopies(17, event)));
    assertTooLarge("instances[15]", () -> provider().createAll(Collections.nCopies(17, instance)));
    assertTooLarge("writes[15]", () -> provider().writeAll(Collections.nCopies(17, write)));

    assertThat(provider().getEventsSince(event.eventName(), "key", Samples.NOON)).isEmpty();
    assertThatThrownBy(() -> provider().getWorkflowInstance(instance.id()))
        .isInstanceOf(NotFoundException.class);
    assertThat(provider().getWorkflowInstance(stored.id())).isEqualTo(stored);
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

  @Test
  void theGreatestNumberOfPointersIsKeptInOrder() {
    List<ExecutionPointer> pointers = Samples.pointers(ValueLimits.MAX_POINTERS);
    WorkflowInstance created = Samples.instance().toBuilder().executionPointers(pointers).build();
    provider().createNewWorkflow(created);
    WorkflowInstance instance = provider().getWorkflowInstance(created.id());
    assertThat(instance.executionPointers().equals(pointers)).isTrue();

    List<ExecutionPointer> reversed = new ArrayList<>(pointers);
    Collections.reverse(reversed);
    provider().persistWorkflow(instance.toBuilder().executionPointers(reversed).build());

    List<ExecutionPointer> read = provider().getWorkflowInstance(instance.id()).executionPointers();
    assertThat(read.equals(reversed)).isTrue();
  }

  static Stream<JsonNode> greatestDocuments() {
    return Stream.of(
        TextNode.valueOf("x".repeat(ValueLimits.MAX_JSON_BYTES - 2)),
        LARGE,
        JsonSamples.numbers((ValueLimits.MAX_JSON_BYTES - 1) / 16));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("greatestDocuments")
  void aDocumentOfTheGreatestSizeSurvives(JsonNode document) {
    Event event = Samples.event("event", Samples.NOON).toBuilder().eventData(document).build();

    provider().createEvent(event);

    assertThat(provider().getEvent(event.id()).eventData().equals(event.eventData())).isTrue();
  }

  @Test
  void anInstanceWithADocumentOfTheGreatestSizeMayBePersisted() {
    WorkflowInstance instance = Samples.instanceWith(ExecutionPointer.builder(0).build());
    provider().createNewWorkflow(instance);
    JsonNode greatest = TextNode.valueOf("€".repeat(ValueLimits.MAX_JSON_BYTES / 3 - 1));

    WorkflowInstance large =
        provider().persistWorkflow(instance.toBuilder().data(greatest).build());
    WorkflowInstance read = provider().getWorkflowInstance(instance.id());
    assertThat(read.equals(large)).isTrue();

    provider().persistWorkflow(read.toBuilder().data(IntNode.valueOf(1)).build());
  }
}
