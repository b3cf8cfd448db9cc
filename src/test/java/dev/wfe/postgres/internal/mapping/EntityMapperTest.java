package dev.wfe.postgres.internal.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.postgres.entity.EventEntity;
import dev.wfe.postgres.entity.ExecutionPointerEntity;
import dev.wfe.postgres.entity.ScheduledCommandEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class EntityMapperTest {
  static List<WorkflowInstance> instances() {
    return List.of(SampleValues.fullInstance("i"), SampleValues.emptyInstance("i"));
  }

  @ParameterizedTest
  @MethodSource("instances")
  void anInstanceComesBackFromItsEntities(WorkflowInstance instance) {
    assertThat(
            EntityMapper.toModel(
                EntityMapper.toEntity(instance), EntityMapper.toPointerEntities(instance)))
        .isEqualTo(instance);
  }

  @Test
  void pointersKnowTheirWorkflowAndTheirPlace() {
    assertThat(EntityMapper.toPointerEntities(SampleValues.fullInstance("i")))
        .extracting(ExecutionPointerEntity::getWorkflowId, ExecutionPointerEntity::getPosition)
        .containsExactly(tuple("i", 1L), tuple("i", 2L), tuple("i", 3L));
  }

  static List<Event> events() {
    return List.of(SampleValues.fullEvent("i"), SampleValues.emptyEvent("i"));
  }

  @ParameterizedTest
  @MethodSource("events")
  void anEventComesBackFromItsEntity(Event event) {
    assertThat(EntityMapper.toModel(EntityMapper.toEntity(event))).isEqualTo(event);
  }

  static List<EventSubscription> subscriptions() {
    return List.of(SampleValues.fullSubscription("i"), SampleValues.emptySubscription("i"));
  }

  @ParameterizedTest
  @MethodSource("subscriptions")
  void aSubscriptionComesBackFromItsEntity(EventSubscription subscription) {
    assertThat(EntityMapper.toModel(EntityMapper.toEntity(subscription))).isEqualTo(subscription);
  }

  @Test
  void aCommandAndAnErrorComeBackFromTheirEntities() {
    assertThat(EntityMapper.toModel(EntityMapper.toEntity(SampleValues.command("d"))))
        .isEqualTo(SampleValues.command("d"));
    assertThat(EntityMapper.toModel(EntityMapper.toEntity(SampleValues.error("w"))))
        .isEqualTo(SampleValues.error("w"));
  }

  @Test
  void nullsWhereTheStoreHasDefaultsAreThoseDefaults() {
    assertThat(EntityMapper.toModel(new ExecutionPointerEntity("p", "w", 0, true, "Pending")))
        .isEqualTo(ExecutionPointer.builder(0).id("p").build());
    assertThat(
            EntityMapper.toModel(new EventEntity("e", "n", "k", NullNode.instance, Instant.EPOCH))
                .processed())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({"Paused, status, the unknown word 'Paused'", "'', status, the unknown word ''"})
  void anUnknownWordIsRefusedWithItsRow(String word, String column, String problem) {
    WorkflowEntity entity = EntityMapper.toEntity(SampleValues.emptyInstance("i"));
    entity.setStatus(word);

    assertThatThrownBy(() -> EntityMapper.toModel(entity, List.of()))
        .isInstanceOf(UnreadableRowException.class)
        .hasMessage("Row 'i' of table workflows: column %s holds %s", column, problem);
    assertThatThrownBy(
            () -> EntityMapper.toModel(new ExecutionPointerEntity("p", "w", 0, true, word)))
        .isInstanceOf(UnreadableRowException.class)
        .hasMessageStartingWith("Row 'p' of table execution_pointers: column status");
    assertThatThrownBy(() -> EntityMapper.toModel(new ScheduledCommandEntity(word, "d", 0)))
        .isInstanceOf(UnreadableRowException.class)
        .hasMessageStartingWith("Row '' of table scheduled_commands: column command_name");
  }

  @ParameterizedTest
  @CsvSource({
    "'{}', JSON that is not a list",
    "'null', JSON that is not a list",
    "'[\"a\", 1]', a list with something that is not text",
    "'[null]', a list with something that is not text"
  })
  void aListOfIdsIsNothingElse(String json, String problem) {
    ExecutionPointerEntity children = new ExecutionPointerEntity("p", "w", 0, true, "Pending");
    children.setChildren(SampleValues.json(json));
    ExecutionPointerEntity scope = new ExecutionPointerEntity("p", "w", 0, true, "Pending");
    scope.setScope(SampleValues.json(json));

    assertThatThrownBy(() -> EntityMapper.toModel(children))
        .isInstanceOf(UnreadableRowException.class)
        .hasMessageEndingWith("column children holds " + problem);
    assertThatThrownBy(() -> EntityMapper.toModel(scope))
        .isInstanceOf(UnreadableRowException.class)
        .hasMessageEndingWith("column scope holds " + problem);
  }

  @Test
  void attributesAreAnObject() {
    ExecutionPointerEntity entity = new ExecutionPointerEntity("p", "w", 0, true, "Pending");
    entity.setExtensionAttributes(SampleValues.json("[]"));

    assertThatThrownBy(() -> EntityMapper.toModel(entity))
        .isInstanceOf(UnreadableRowException.class)
        .hasMessageEndingWith("column extension_attributes holds JSON that is not an object");
  }

  @Test
  void jsonBeyondTheLimitsIsRefused() {
    ExecutionPointerEntity entity = new ExecutionPointerEntity("p", "w", 0, true, "Pending");
    entity.setOutcome(BigIntegerNode.valueOf(BigInteger.TEN.pow(1_000)));

    assertThatThrownBy(() -> EntityMapper.toModel(entity))
        .isInstanceOf(UnreadableRowException.class)
        .hasMessageContaining("column outcome holds JSON that holds a number of more than 1000");
  }

  @Test
  void aValueBeyondTheLimitsBecomesNoEntity() {
    WorkflowInstance tooLong =
        SampleValues.emptyInstance("i").toBuilder().reference("x".repeat(1_025)).build();

    assertThatThrownBy(() -> EntityMapper.toEntity(tooLong))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("reference");
    assertThatThrownBy(() -> EntityMapper.toPointerEntities(tooLong))
        .isInstanceOf(InvalidValueException.class);
    assertThatThrownBy(() -> EntityMapper.toEntity(SampleValues.emptyEvent("")))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("Event: id is empty");
    assertThatThrownBy(() -> EntityMapper.toEntity(SampleValues.emptySubscription("")))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("EventSubscription: id is empty");
  }
}
