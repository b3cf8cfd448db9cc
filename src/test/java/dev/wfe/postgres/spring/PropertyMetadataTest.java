package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Parameter;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What editors know of the properties. */
final class PropertyMetadataTest {
  private static Map<String, JsonNode> metadata() throws IOException {
    try (InputStream file =
        WfeProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      return StreamSupport.stream(
              new ObjectMapper()
                  .readTree(Objects.requireNonNull(file, "no metadata"))
                  .path("properties")
                  .spliterator(),
              false)
          .collect(Collectors.toMap(entry -> entry.path("name").asText(), Function.identity()));
    }
  }

  /** The component of a class of properties, by the name of its property. */
  private static Stream<Map.Entry<String, Parameter>> properties(String prefix, Class<?> type) {
    return Stream.of(type.getDeclaredConstructors()[0].getParameters())
        .flatMap(
            parameter -> {
              String name = prefix + "." + parameter.getName().replaceAll("([A-Z])", "-$1");
              return parameter.getType().isRecord()
                  ? properties(name, parameter.getType())
                  : Stream.of(Map.entry(name.toLowerCase(Locale.ROOT), parameter));
            });
  }

  private static Map<String, Parameter> properties() {
    return Stream.concat(
            properties("wfe", WfeProperties.class), properties("wfe.host", HostProperties.class))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  @Test
  void everyPropertyHasATypeADescriptionAndItsDefault() throws IOException {
    Map<String, JsonNode> metadata = metadata();
    assertThat(properties())
        .hasSizeGreaterThan(15)
        .allSatisfy(
            (name, parameter) -> {
              JsonNode entry = Objects.requireNonNull(metadata.get(name), name);
              assertThat(entry.path("type").asText()).startsWith("java.");
              assertThat(entry.path("description").asText()).isNotBlank();
              assertThat(entry.path("defaultValue").asText()).isEqualTo(defaultOf(parameter));
            });
  }

  private static String defaultOf(Parameter parameter) {
    @Nullable DefaultValue given = parameter.getAnnotation(DefaultValue.class);
    return given == null ? "" : String.join(",", given.value());
  }

  @Test
  void thereIsNoOtherPropertyButTheSwitchOfTheHealth() throws IOException {
    Map<String, JsonNode> metadata = metadata();
    metadata.keySet().removeAll(properties().keySet());
    assertThat(metadata).containsOnlyKeys("management.health.wfe.enabled");
    JsonNode health = Objects.requireNonNull(metadata.get("management.health.wfe.enabled"));
    assertThat(health.path("description").asText()).isNotBlank();
    assertThat(health.path("defaultValue").asBoolean()).isTrue();
  }
}
