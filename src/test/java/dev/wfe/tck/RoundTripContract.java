package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ValueLimits;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A value is read as it was written: JSON to the last digit, times to the microsecond. */
public abstract class RoundTripContract extends Contract {
  /** A pointer's field that holds JSON or nothing. */
  enum PointerJson {
    PERSISTENCE_DATA,
    EVENT_DATA,
    CONTEXT_ITEM,
    OUTCOME,
    EXTENSION_ATTRIBUTE;

    ExecutionPointer pointerWith(JsonNode json) {
      ExecutionPointer.Builder pointer = ExecutionPointer.builder(0);
      return switch (this) {
        case PERSISTENCE_DATA -> pointer.persistenceData(json).build();
        case EVENT_DATA -> pointer.eventData(json).build();
        case CONTEXT_ITEM -> pointer.contextItem(json).build();
        case OUTCOME -> pointer.outcome(json).build();
        case EXTENSION_ATTRIBUTE -> pointer.extensionAttributes(Map.of("key", json)).build();
      };
    }
  }

  /** One pointer per sample; the last has nothing, which is none of them. */
  private static List<ExecutionPointer> pointersOfAllSamples(PointerJson field) {
    List<ExecutionPointer> pointers = new ArrayList<>();
    for (JsonNode json : JsonSamples.all()) {
      boolean isMember = field == PointerJson.EXTENSION_ATTRIBUTE;
      pointers.add(field.pointerWith(isMember && isDeepest(json) ? JsonSamples.nested(99) : json));
    }
    pointers.add(ExecutionPointer.builder(0).build());
    return pointers;
  }

  private static boolean isDeepest(JsonNode json) {
    return json.equals(JsonSamples.nested(ValueLimits.MAX_JSON_DEPTH));
  }

  @ParameterizedTest
  @EnumSource
  void jsonOfAPointerSurvivesCreation(PointerJson field) {
    WorkflowInstance instance =
        Samples.instance().toBuilder().executionPointers(pointersOfAllSamples(field)).build();

    provider().createNewWorkflow(instance);

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @ParameterizedTest
  @EnumSource
  void jsonOfAPointerSurvivesEachChangeToTheNextSample(PointerJson field) {
    List<ExecutionPointer> pointers = pointersOfAllSamples(field);
    WorkflowInstance instance = Samples.instance().toBuilder().executionPointers(pointers).build();
    provider().createNewWorkflow(instance);
    List<ExecutionPointer> rotated =
        IntStream.range(0, pointers.size())
            .mapToObj(
                i ->
                    pointers.get((i + 1) % pointers.size()).toBuilder()
                        .id(pointers.get(i).id())
                        .build())
            .toList();

    provider()
        .persistWorkflow(
            provider().getWorkflowInstance(instance.id()).toBuilder()
                .executionPointers(rotated)
                .build());
    assertThat(provider().getWorkflowInstance(instance.id()).executionPointers())
        .isEqualTo(rotated);

    provider().persistWorkflow(instance);
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @Test
  void jsonOfAnInstanceSurvives() {
    WorkflowInstance instance = Samples.instance();
    provider().createNewWorkflow(instance);
    for (JsonNode json : JsonSamples.all()) {
      WorkflowInstance created = Samples.instance().toBuilder().data(json).build();
      provider().createNewWorkflow(created);
      assertThat(provider().getWorkflowInstance(created.id())).isEqualTo(created);

      instance = provider().persistWorkflow(instance.toBuilder().data(json).build());
      assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
    }
  }

  @Test
  void jsonOfAnEventSurvives() {
    for (JsonNode json : JsonSamples.all()) {
      Event event = Samples.event("event", Samples.NOON).toBuilder().eventData(json).build();
      provider().createEvent(event);
      assertThat(provider().getEvent(event.id())).isEqualTo(event);
    }
  }

  @Test
  void jsonOfASubscriptionSurvives() {
    EventSubscription none = Samples.subscription("event", Samples.NOON);
    provider().createEventSubscription(none);
    assertThat(provider().getSubscription(none.id()).subscriptionData()).isNull();
    for (JsonNode json : JsonSamples.all()) {
      EventSubscription subscription =
          none.toBuilder().id(Samples.unique("subscription")).subscriptionData(json).build();
      provider().createEventSubscription(subscription);
      assertThat(provider().getSubscription(subscription.id())).isEqualTo(subscription);
    }
  }

  @Test
  void digitsSurviveAsTheyWereWritten() {
    ObjectNode prices = JsonSamples.JSON.objectNode();
    prices.put("half", new BigDecimal("1.50"));
    WorkflowInstance instance = Samples.instance().toBuilder().data(prices).build();

    provider().createNewWorkflow(instance);

    assertThat(provider().getWorkflowInstance(instance.id()).data().get("half").toString())
        .isEqualTo("1.50");
  }

  /** Around what clocks, calendars and drivers are known to get wrong. */
  static Stream<Instant> instants() {
    return Stream.of(
            "-4713-11-24T00:00:00Z",
            "-0001-12-31T23:59:59.999999Z",
            "0000-02-29T12:00:00Z",
            "0001-01-01T00:00:00Z",
            "1582-10-04T23:59:59.999999Z",
            "1582-10-15T00:00:00Z",
            "1883-11-18T12:03:57.5Z",
            "1899-12-31T23:59:59.999999Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "1999-12-31T23:59:59.999999Z",
            "2000-01-01T00:00:00.000001Z",
            "2016-12-31T23:59:59.999999Z",
            "2024-03-31T01:30:00.123456Z",
            "2024-10-27T01:30:00.654321Z",
            "+10000-01-01T00:00:00Z",
            "+294276-12-31T23:59:59.999999Z")
        .map(Instant::parse);
  }

  @ParameterizedTest
  @MethodSource("instants")
  void timesSurviveInEveryField(Instant time) {
    ExecutionPointer pointer =
        ExecutionPointer.builder(0).sleepUntil(time).startTime(time).endTime(time).build();
    WorkflowInstance instance =
        Samples.instanceWith(pointer).toBuilder().createTime(time).completeTime(time).build();
    provider().createNewWorkflow(instance);
    Event event = Samples.event(Samples.unique("event"), time);
    provider().createEvent(event);
    EventSubscription subscription =
        Samples.subscription(event.eventName(), time).toBuilder()
            .externalToken("token")
            .externalTokenExpiry(time)
            .build();
    provider().createEventSubscription(subscription);

    WorkflowInstance read = provider().getWorkflowInstance(instance.id());
    assertThat(read).isEqualTo(instance);
    assertThat(provider().persistWorkflow(read)).isEqualTo(instance);
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
    assertThat(provider().getEvent(event.id())).isEqualTo(event);
    assertThat(provider().getSubscription(subscription.id())).isEqualTo(subscription);
    assertThat(provider().getEvents(event.eventName(), "key", time)).containsExactly(event.id());
    assertThat(provider().getEventsSince(event.eventName(), "key", time))
        .containsExactly(event.id());
  }

  @ParameterizedTest
  @EnumSource
  void everyWorkflowStatusSurvives(WorkflowStatus status) {
    WorkflowInstance instance = Samples.instance().toBuilder().status(status).build();
    provider().createNewWorkflow(instance);

    assertThat(provider().persistWorkflow(provider().getWorkflowInstance(instance.id())))
        .isEqualTo(instance);
    assertThat(provider().getWorkflowInstance(instance.id()).status()).isEqualTo(status);
  }

  @Test
  void emptyTextIsNotAbsentText() {
    ExecutionPointer pointer =
        ExecutionPointer.builder(0)
            .eventName("")
            .eventKey("")
            .stepName("")
            .predecessorId("")
            .build();
    WorkflowInstance instance =
        Samples.instanceWith(pointer).toBuilder()
            .rootWorkflowId("")
            .description("")
            .reference("")
            .limitKey("")
            .build();

    provider().createNewWorkflow(instance);

    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @Test
  void freeTextMayBeLong() {
    String text = "long text ".repeat(200_000);
    WorkflowInstance instance =
        Samples.instanceWith(ExecutionPointer.builder(0).stepName(text).build()).toBuilder()
            .description(text)
            .build();

    provider().createNewWorkflow(instance);

    assertThat(provider().getWorkflowInstance(instance.id()).equals(instance)).isTrue();
  }
}
