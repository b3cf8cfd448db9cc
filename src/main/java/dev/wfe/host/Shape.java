package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The steps of a version, as its stored graph describes them. Immutable. */
final class Shape {
  /** Steps that a host executes. One can take the place of another. */
  private static final Set<String> EXECUTED =
      Set.of("run", "call", "runInTransaction", "callInTransaction");

  private static final Set<String> NO_TYPES = Set.of("id", "name", "kind", "edges");

  private final Map<String, Step> steps = new LinkedHashMap<>();

  /**
   * A step.
   *
   * @param kind what it does
   * @param types the names and classes of which what is stored for the step depends
   * @param block the name of the block in which it stands; null if it stands in none
   * @param branch by which edge of the block it is reached
   * @param edges the edges that lead from it to other steps
   */
  record Step(
      String kind,
      Map<String, String> types,
      @Nullable String block,
      @Nullable String branch,
      Set<String> edges) {
    Step {
      types = Map.copyOf(types);
      edges = Set.copyOf(edges);
    }

    /** Whether another step follows when it has ended as expected. */
    boolean hasNext() {
      return edges.contains(Graph.NEXT);
    }

    boolean isSameKind(Step other) {
      return kind.equals(other.kind) || (EXECUTED.contains(kind) && EXECUTED.contains(other.kind));
    }
  }

  private record Place(String step, @Nullable String block, @Nullable String branch) {}

  /** Reads a graph. */
  Shape(JsonNode graph) {
    Map<String, JsonNode> byName = new LinkedHashMap<>();
    graph.path("steps").forEach(step -> byName.put(step.path("name").asText(), step));
    Deque<Place> places = new ArrayDeque<>();
    byName.keySet().stream()
        .findFirst()
        .ifPresent(first -> places.add(new Place(first, null, null)));
    while (!places.isEmpty()) {
      Place place = places.remove();
      JsonNode step = byName.get(place.step());
      if (step != null && !steps.containsKey(place.step())) {
        Set<String> edges = new HashSet<>();
        step.path("edges")
            .properties()
            .forEach(
                edge -> {
                  edges.add(edge.getKey());
                  String target = edge.getValue().asText();
                  places.add(
                      Graph.leadsInside(edge.getKey())
                          ? new Place(target, place.step(), edge.getKey())
                          : new Place(target, place.block(), place.branch()));
                });
        steps.put(
            place.step(),
            new Step(
                step.path("kind").asText(), types(step), place.block(), place.branch(), edges));
      }
    }
  }

  private static Map<String, String> types(JsonNode step) {
    Map<String, String> types = new TreeMap<>();
    step.properties()
        .forEach(
            field -> {
              if (!NO_TYPES.contains(field.getKey())) {
                types.put(field.getKey(), field.getValue().asText());
              }
            });
    return types;
  }

  /** Returns the step with the name, or null. */
  @Nullable Step step(@Nullable String name) {
    return name == null ? null : steps.get(name);
  }
}
