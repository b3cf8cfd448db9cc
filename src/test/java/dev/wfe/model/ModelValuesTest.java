package dev.wfe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import nl.jqno.equalsverifier.EqualsVerifier;
import nl.jqno.equalsverifier.Warning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelValuesTest {
  private static final class SomeRevision implements Revision {}

  private static final JsonNode OBJECT = JsonNodeFactory.instance.objectNode().put("a", 1);

  private static ExecutionPointer fullPointer() {
    return ExecutionPointer.builder(3)
        .id("pointer")
        .active(false)
        .status(PointerStatus.SLEEPING)
        .sleepUntil(Instant.ofEpochSecond(1))
        .persistenceData(OBJECT)
        .startTime(Instant.ofEpochSecond(2))
        .endTime(Instant.ofEpochSecond(3))
        .eventName("event")
        .eventKey("key")
        .eventPublished(true)
        .eventData(NullNode.getInstance())
        .stepName("step")
        .retryCount(4)
        .children(List.of("child"))
        .contextItem(IntNode.valueOf(5))
        .predecessorId("before")
        .outcome(TextNode.valueOf("done"))
        .scope(List.of("outer"))
        .extensionAttributes(Map.of("key", OBJECT))
        .build();
  }

  private static WorkflowInstance fullInstance() {
    return WorkflowInstance.builder("definition", 2)
        .id("id")
        .name("name")
        .rootWorkflowId("root")
        .description("description")
        .reference("reference")
        .executionPointers(List.of(fullPointer()))
        .nextExecution(7L)
        .status(WorkflowStatus.SUSPENDED)
        .data(OBJECT)
        .createTime(Instant.ofEpochSecond(8))
        .completeTime(Instant.ofEpochSecond(9))
        .priority(Priority.LOW)
        .limitKey("limit key")
        .revision(new SomeRevision())
        .build();
  }

  private static EventSubscription fullSubscription() {
    return EventSubscription.builder("workflow", "pointer", "event", "key")
        .id("id")
        .stepId(1)
        .subscribeAsOf(Instant.ofEpochSecond(1))
        .excludedEventIds(List.of("event"))
        .subscriptionData(OBJECT)
        .externalToken("s3cret-token")
        .externalWorkerId("worker")
        .externalTokenExpiry(Instant.ofEpochSecond(2))
        .build();
  }

  @Test
  void everyFieldTravelsThroughToBuilder() {
    Event event =
        Event.builder("name", "key")
            .id("id")
            .eventData(OBJECT)
            .eventTime(Instant.ofEpochSecond(1))
            .processed(true)
            .build();
    ScheduledCommand command = ScheduledCommand.processEvent("event", 5);
    ExecutionError error = ExecutionError.now("workflow", "pointer", "message");

    assertThat(fullInstance().toBuilder().build()).isEqualTo(fullInstance());
    assertThat(fullPointer().toBuilder().build()).isEqualTo(fullPointer());
    assertThat(event.toBuilder().build()).isEqualTo(event);
    assertThat(fullSubscription().toBuilder().build()).isEqualTo(fullSubscription());
    assertThat(command.toBuilder().build()).isEqualTo(command);
    assertThat(error.toBuilder().build()).isEqualTo(error);
  }

  @Test
  void equalityTakesInEveryFieldButTheRevision() {
    EqualsVerifier.forClass(WorkflowInstance.class)
        .suppress(Warning.NULL_FIELDS)
        .withIgnoredFields("revision")
        .withPrefabValues(
            JsonNode.class, ImmutableJson.of(OBJECT), ImmutableJson.of(IntNode.valueOf(1)))
        .withPrefabValues(Instant.class, Instant.EPOCH, Instant.ofEpochSecond(1))
        .verify();
  }

  @Test
  void aRevisionTravelsWithTheValueAndIsNotComparedByIt() {
    WorkflowInstance instance = fullInstance();

    assertThat(instance.toBuilder().build().revision()).isSameAs(instance.revision());
    assertThat(instance.toBuilder().revision(null).build())
        .isEqualTo(instance)
        .hasSameHashCodeAs(instance);
  }

  @Test
  void defaultsAreThoseOfTheContract() {
    WorkflowInstance instance = WorkflowInstance.builder("definition", 0).build();
    ExecutionPointer pointer = ExecutionPointer.builder(0).build();
    Event event = Event.builder("name", "").build();

    assertThat(instance.id()).isEmpty();
    assertThat(instance.name()).isEmpty();
    assertThat(instance.nextExecution()).isZero();
    assertThat(instance.status()).isEqualTo(WorkflowStatus.RUNNABLE);
    assertThat(instance.data()).isEqualTo(JsonNodeFactory.instance.objectNode());
    assertThat(instance.revision()).isNull();
    assertThat(UUID.fromString(pointer.id())).isNotNull();
    assertThat(pointer.active()).isTrue();
    assertThat(pointer.status()).isEqualTo(PointerStatus.PENDING);
    assertThat(pointer.eventPublished()).isFalse();
    assertThat(pointer.retryCount()).isZero();
    assertThat(pointer.children()).isEmpty();
    assertThat(pointer.scope()).isEmpty();
    assertThat(pointer.extensionAttributes()).isEmpty();
    assertThat(pointer.outcome()).isNull();
    assertThat(event.eventData()).isEqualTo(NullNode.getInstance());
    assertThat(event.processed()).isFalse();
  }

  @Test
  void timesAreCutToTheMicrosecondTowardsThePast() {
    Instant before1970 = Instant.ofEpochSecond(-2, 1_999);
    ExecutionPointer pointer =
        ExecutionPointer.builder(0)
            .sleepUntil(Instant.ofEpochSecond(0, 1_999))
            .startTime(before1970)
            .endTime(Instant.MAX)
            .build();

    assertThat(pointer.sleepUntil()).isEqualTo(Instant.ofEpochSecond(0, 1_000));
    assertThat(pointer.startTime()).isEqualTo(Instant.ofEpochSecond(-2, 1_000));
    assertThat(pointer.endTime()).isEqualTo(Instant.MAX.minusNanos(999));
    assertThat(Event.builder("n", "k").eventTime(Instant.MIN).build().eventTime())
        .isEqualTo(Instant.MIN);
    assertThat(new ExecutionError(before1970, "w", "p", "m").errorTime())
        .isEqualTo(Instant.ofEpochSecond(-2, 1_000));
    assertThat(fullInstance().toBuilder().createTime(before1970).build().createTime())
        .isEqualTo(Instant.ofEpochSecond(-2, 1_000));
    assertThat(fullSubscription().toBuilder().subscribeAsOf(before1970).build().subscribeAsOf())
        .isEqualTo(Instant.ofEpochSecond(-2, 1_000));
  }

  @Test
  void aListThatIsACopyAlreadyIsSharedAndNoOtherIs() {
    ExecutionPointer pointer = ExecutionPointer.builder(0).children(List.of("a")).build();
    WorkflowInstance instance =
        fullInstance().toBuilder().executionPointers(List.of(pointer)).build();
    List<ExecutionPointer> view = Collections.unmodifiableList(new ArrayList<>(List.of(pointer)));

    assertThat(instance.toBuilder().build().executionPointers())
        .isSameAs(instance.executionPointers());
    assertThat(pointer.toBuilder().build().children()).isSameAs(pointer.children());
    assertThat(instance.toBuilder().executionPointers(view).build().executionPointers())
        .isEqualTo(view)
        .isNotSameAs(view);
  }

  @Test
  void listsAndMapsAreCopiedInAndUnmodifiableOut() {
    List<String> children = new ArrayList<>(List.of("a"));
    Map<String, JsonNode> attributes = new HashMap<>(Map.of("a", OBJECT));
    ExecutionPointer pointer =
        ExecutionPointer.builder(0)
            .children(children)
            .scope(children)
            .extensionAttributes(attributes)
            .build();
    List<ExecutionPointer> pointers = new ArrayList<>(List.of(pointer));
    WorkflowInstance instance = fullInstance().toBuilder().executionPointers(pointers).build();

    children.add("b");
    attributes.clear();
    pointers.clear();

    assertThat(pointer.children()).containsExactly("a");
    assertThat(pointer.scope()).containsExactly("a");
    assertThat(pointer.extensionAttributes()).containsOnlyKeys("a");
    assertThat(instance.executionPointers()).containsExactly(pointer);
    assertThatThrownBy(() -> pointer.children().add("c"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> instance.executionPointers().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> pointer.extensionAttributes().remove("a"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @EnumSource
  void aBranchIsCompleteWhenEachOfItsPointersHasEnded(PointerStatus status) {
    List<String> scope = List.of("outer", "inner");
    ExecutionPointer inScope = ExecutionPointer.builder(0).scope(scope).status(status).build();
    ExecutionPointer ended = inScope.toBuilder().status(PointerStatus.COMPLETE).build();
    ExecutionPointer elsewhere = ExecutionPointer.builder(0).scope(List.of("outer")).build();
    WorkflowInstance instance =
        fullInstance().toBuilder().executionPointers(List.of(ended, inScope, elsewhere)).build();
    boolean isEnd =
        Stream.of("Complete", "Skipped", "Compensated", "Cancelled", "Failed")
            .anyMatch(status.word()::equals);

    assertThat(instance.isBranchComplete(scope)).isEqualTo(isEnd);
    assertThat(instance.isBranchComplete(List.of("outer"))).isFalse();
    assertThat(instance.isBranchComplete(List.of())).isTrue();
    assertThat(instance.isBranchComplete(List.of("inner", "outer"))).isTrue();
  }

  @Test
  void aTokenIsNotInTheText() {
    assertThat(fullSubscription().toString()).contains("held=true").doesNotContain("s3cret");
    assertThat(fullSubscription().toBuilder().externalToken(null).build().toString())
        .contains("held=false");
  }

  @Test
  void theWordsAreThoseOfTheRustProvider() {
    assertThat(Stream.of(WorkflowStatus.values()).map(WorkflowStatus::word))
        .containsExactly("Runnable", "Suspended", "Complete", "Terminated");
    assertThat(Stream.of(PointerStatus.values()).map(PointerStatus::word))
        .containsExactlyInAnyOrder(
            "Pending",
            "Running",
            "Complete",
            "Skipped",
            "Sleeping",
            "WaitingForEvent",
            "Failed",
            "Compensated",
            "Cancelled",
            "PendingPredecessor");
    assertThat(Stream.of(CommandName.values()).map(CommandName::word))
        .containsExactly("ProcessWorkflow", "ProcessEvent");
  }
}
