package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says how an instance is moved to another version of its definition: which step takes the place of
 * which, and what becomes of the data. Immutable. Thread-safe, if its function is.
 */
public final class StepMapping {
  private static final String ITEM = ".item";
  private static final StepMapping SAME = new StepMapping(Map.of(), null);

  private final Map<String, String> steps;
  private final @Nullable Function<JsonNode, ?> conversion;

  private StepMapping(Map<String, String> steps, @Nullable Function<JsonNode, ?> conversion) {
    this.steps = steps;
    this.conversion = conversion;
  }

  /** Each step keeps its name, and the data stays as it is. */
  public static StepMapping sameNames() {
    return SAME;
  }

  /**
   * A step has another name in the target version. If it is a {@code forEach} block, its items
   * follow.
   */
  public StepMapping step(String from, String to) {
    Map<String, String> more = new LinkedHashMap<>(steps);
    more.put(Objects.requireNonNull(from, "from"), Objects.requireNonNull(to, "to"));
    return new StepMapping(more, conversion);
  }

  /**
   * Converts the data. The items of {@code forEach} blocks are not converted.
   *
   * @param function returns the data of the target version, as an object of its class or as JSON;
   *     pure
   */
  public StepMapping data(Function<JsonNode, ?> function) {
    return new StepMapping(steps, Objects.requireNonNull(function, "function"));
  }

  /** The names that are mapped explicitly. */
  Map<String, String> steps() {
    return Map.copyOf(steps);
  }

  @Nullable Function<JsonNode, ?> conversion() {
    return conversion;
  }

  /** The name in the target version. */
  String of(String name) {
    String mapped = steps.get(name);
    if (mapped == null && name.endsWith(ITEM)) {
      String block = steps.get(name.substring(0, name.length() - ITEM.length()));
      return block == null ? name : block + ITEM;
    }
    return mapped == null ? name : mapped;
  }
}
