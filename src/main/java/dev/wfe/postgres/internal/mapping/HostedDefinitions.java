package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.persistence.UnreadableRowException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Converts the definitions of a host to JSON and back: a list of objects with {@code id}, {@code
 * version} and, where there are limits, {@code atATime}, {@code atATimePerKey}, {@code rate} and
 * {@code periodMicros}. Other members are ignored. Thread-safe.
 */
public final class HostedDefinitions {
  private HostedDefinitions() {}

  /** Returns the JSON text. */
  public static String text(List<HostedDefinition> definitions) {
    ArrayNode list = Json.NODES.arrayNode();
    for (HostedDefinition hosted : definitions) {
      ObjectNode object = object(hosted.definition());
      list.add(object);
      ClaimLimits limits = hosted.limits();
      if (limits.atATime() != null) {
        object.put("atATime", limits.atATime());
      }
      if (limits.atATimePerKey() != null) {
        object.put("atATimePerKey", limits.atATimePerKey());
      }
      if (limits.rate() != null) {
        object.put("rate", limits.rate().count());
        object.put("periodMicros", TimeUnit.MICROSECONDS.convert(limits.rate().period()));
      }
    }
    return String.valueOf(Json.text(list));
  }

  /** Returns JSON that the definitions of a host contain if it executes the version. */
  public static String containing(DefinitionVersion definition) {
    return String.valueOf(Json.text(Json.NODES.arrayNode().add(object(definition))));
  }

  private static ObjectNode object(DefinitionVersion definition) {
    return Json.NODES
        .objectNode()
        .put("id", definition.definitionId())
        .put("version", definition.version());
  }

  /** Converts JSON to definitions. */
  static List<HostedDefinition> decode(
      JsonNode json, Function<String, UnreadableRowException> failure) {
    if (!json.isArray()) {
      throw failure.apply("holds JSON that is not a list");
    }
    List<HostedDefinition> definitions = new ArrayList<>();
    for (JsonNode element : json) {
      Integer version = positive(element, "version", 0, failure);
      if (!element.path("id").isTextual() || version == null) {
        throw failure.apply("holds a definition without id or version");
      }
      definitions.add(
          new HostedDefinition(
              new DefinitionVersion(element.path("id").textValue(), version),
              new ClaimLimits(
                  positive(element, "atATime", 1, failure),
                  positive(element, "atATimePerKey", 1, failure),
                  rate(element, failure))));
    }
    return definitions;
  }

  private static @Nullable Integer positive(
      JsonNode element, String field, int least, Function<String, UnreadableRowException> failure) {
    JsonNode value = element.path(field);
    if (value.isMissingNode()) {
      return null;
    }
    if (!value.canConvertToExactIntegral()
        || !value.canConvertToInt()
        || value.intValue() < least) {
      throw failure.apply("holds a definition with an invalid " + field);
    }
    return value.intValue();
  }

  private static ClaimLimits.@Nullable Rate rate(
      JsonNode element, Function<String, UnreadableRowException> failure) {
    Integer count = positive(element, "rate", 1, failure);
    if (count == null) {
      return null;
    }
    JsonNode period = element.path("periodMicros");
    if (!period.canConvertToExactIntegral()
        || !period.canConvertToLong()
        || period.longValue() < 1
        || period.longValue() > TimeUnit.DAYS.toMicros(ClaimLimits.MAX_PERIOD_DAYS)) {
      throw failure.apply("holds a definition with an invalid period");
    }
    return new ClaimLimits.Rate(
        count, Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(period.longValue())));
  }
}
