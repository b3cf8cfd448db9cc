package dev.wfe.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.wfe.postgres.internal.mapping.SampleValues;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Applications' own object mappers write and read the values of the model. */
class JacksonTest {
  private static final class SomeRevision implements Revision {}

  private static ObjectMapper plain() {
    return new ObjectMapper().registerModule(new JavaTimeModule());
  }

  /** With the settings that Spring Boot makes. */
  private static ObjectMapper springs() {
    return JsonMapper.builder()
        .addModule(new JavaTimeModule())
        .disable(MapperFeature.DEFAULT_VIEW_INCLUSION)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .build();
  }

  /** What applications are known to set. */
  private static ObjectMapper others() {
    return plain()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);
  }

  private static List<Object> values() {
    List<Object> values = new ArrayList<>();
    for (String id : List.of("full", "empty")) {
      boolean isFull = id.equals("full");
      values.add(isFull ? SampleValues.fullInstance(id) : SampleValues.emptyInstance(id));
      values.add(isFull ? SampleValues.fullPointer(id) : SampleValues.emptyPointer(id));
      values.add(isFull ? SampleValues.fullEvent(id) : SampleValues.emptyEvent(id));
    }
    values.add(SampleValues.emptySubscription("empty"));
    values.add(SampleValues.fullSubscription("full").toBuilder().externalToken(null).build());
    values.add(SampleValues.command("c"));
    values.add(SampleValues.error("e"));
    values.add(WorkflowInstance.builder("definition", 1).build());
    values.add(Event.builder("name", "key").build());
    values.add(ExecutionPointer.builder("p", 0).outcome(NullNode.instance).build());
    values.add(
        ExecutionPointer.builder("p", 0).outcome(SampleValues.json("[1.50, 1e-30]")).build());
    values.add(Event.builder("n", "k").eventTime(Instant.parse("-4713-11-24T00:00:00Z")).build());
    values.add(
        Event.builder("n", "k").eventTime(Instant.parse("+294276-12-31T23:59:59.999999Z")).build());
    for (WorkflowStatus status : WorkflowStatus.values()) {
      values.add(WorkflowInstance.builder("d", 1).status(status).build());
    }
    for (PointerStatus status : PointerStatus.values()) {
      values.add(ExecutionPointer.builder("p", 0).status(status).build());
    }
    return values;
  }

  static Stream<ObjectMapper> mappers() {
    return Stream.of(plain(), springs(), others());
  }

  @ParameterizedTest
  @MethodSource("mappers")
  void everyValueIsWrittenAndRead(ObjectMapper mapper) throws Exception {
    for (Object value : values()) {
      String json = mapper.writeValueAsString(value);

      assertThat(mapper.readValue(json, value.getClass())).as(json).isEqualTo(value);
      assertThat((Object) mapper.convertValue(value, value.getClass())).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @MethodSource("mappers")
  void aRevisionIsNeitherWrittenNorRead(ObjectMapper mapper) throws Exception {
    WorkflowInstance instance =
        SampleValues.fullInstance("w").toBuilder().revision(new SomeRevision()).build();

    String json = mapper.writeValueAsString(instance);
    WorkflowInstance read = mapper.readValue(json, WorkflowInstance.class);

    assertThat(json).doesNotContain("revision");
    assertThat(read).isEqualTo(instance);
    assertThat(read.revision()).isNull();
    assertThat(
            mapper.readValue("{\"id\":\"w\",\"revision\":{}}", WorkflowInstance.class).revision())
        .isNull();
  }

  @ParameterizedTest
  @MethodSource("mappers")
  void aTokenIsNeitherWrittenNorRead(ObjectMapper mapper) throws Exception {
    EventSubscription held =
        SampleValues.fullSubscription("s").toBuilder().externalToken("secret").build();

    String json = mapper.writeValueAsString(held);

    assertThat(json).doesNotContain("secret", "externalToken\"").contains("externalWorkerId");
    assertThat(
            mapper
                .readValue("{\"id\":\"s\",\"externalToken\":\"x\"}", EventSubscription.class)
                .externalToken())
        .isNull();
  }

  @Test
  void wordsAreThoseOfTheStore() {
    JsonNode json = plain().valueToTree(SampleValues.fullInstance("w"));

    assertThat(json.get("status").textValue())
        .isEqualTo(SampleValues.fullInstance("w").status().word());
  }
}
