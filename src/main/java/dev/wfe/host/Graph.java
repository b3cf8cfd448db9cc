package dev.wfe.host;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.persistence.DefinitionVersion;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a definition and the edges between them. Immutable.
 *
 * @param <D> the class of the workflow's data
 */
final class Graph<D> {
  /** The edge from a step that has ended as expected. */
  static final String NEXT = "next";

  /** The edge from a wait whose time is over. */
  static final String TIMED_OUT = "timedOut";

  /** The edge from a decision whose condition holds. */
  static final String YES = "yes";

  /** The edge from a decision whose condition does not hold. */
  static final String NO = "no";

  /** The edge from a switch if no case matches. */
  static final String OTHERWISE = "otherwise";

  /** The edge from a saga that was compensated. */
  static final String COMPENSATED = "compensated";

  /** The edge from a step to those that compensate it. */
  static final String COMPENSATION = "compensation";

  /** The edge from a block to the steps that it contains. */
  static final String BODY = "body";

  /** Whether the edge leads from a block to a step that it contains. */
  static boolean leadsInside(String edge) {
    return edge.equals(BODY) || edge.equals(COMPENSATION) || edge.startsWith(Node.Parallel.BRANCH);
  }

  private final DefinitionVersion definition;
  private final JavaType dataType;
  private final Map<String, Step<?>> steps;
  private final Step<D> first;
  private final InstanceLimits<D> limits;

  private Graph(Builder<D> builder, Step<D> first) {
    this.definition = builder.definition;
    this.dataType = builder.dataType;
    this.steps = new LinkedHashMap<>(builder.steps);
    this.first = first;
    this.limits = builder.limits;
  }

  DefinitionVersion definition() {
    return definition;
  }

  JavaType dataType() {
    return dataType;
  }

  Step<D> first() {
    return first;
  }

  InstanceLimits<D> limits() {
    return limits;
  }

  Stream<Step<?>> steps() {
    return steps.values().stream();
  }

  /** The types of the events for which the workflow waits. */
  Stream<EventType<?>> eventTypes() {
    return steps()
        .map(Step::node)
        .flatMap(
            node -> node instanceof Node.Await<?, ?> await ? Stream.of(await.type()) : Stream.of());
  }

  /** The workflows that it starts as children. */
  Stream<Workflow<?>> children() {
    return steps()
        .map(Step::node)
        .flatMap(
            node ->
                node instanceof Node.Child<?, ?> child ? Stream.of(child.workflow()) : Stream.of());
  }

  /** Returns the step with the name, or null. */
  @Nullable Step<?> step(@Nullable String name) {
    return name == null ? null : steps.get(name);
  }

  /** Returns what identifies the version: names, kinds, edges and types. */
  JsonNode toJson() {
    ObjectNode graph = JsonNodeFactory.instance.objectNode();
    graph.put("data", dataType.getRawClass().getSimpleName());
    ArrayNode list = graph.putArray("steps");
    for (Step<?> step : steps.values()) {
      ObjectNode json = list.addObject();
      json.put("id", step.id());
      json.put("name", step.name());
      json.put("kind", step.node().kind());
      if (step.node() instanceof Node.Await<?, ?> await) {
        json.put("event", await.type().name());
        json.put("payload", await.type().payload().getRawClass().getSimpleName());
      }
      if (step.node() instanceof Node.Child<?, ?> child) {
        json.put("child", child.workflow().id());
      }
      if (step.node() instanceof Node.Item<?, ?> item) {
        json.put("item", item.type().getRawClass().getSimpleName());
      }
      if (step.node() instanceof Node.Activity<?, ?, ?> activity) {
        json.put("activity", activity.type().name());
        json.put("input", activity.type().input().getRawClass().getSimpleName());
        json.put("output", activity.type().output().getRawClass().getSimpleName());
      }
      ObjectNode edges = json.putObject("edges");
      step.edges.forEach((edge, target) -> edges.put(edge, target.name()));
    }
    return graph;
  }

  /**
   * A step with its place in the graph. The edges are complete when the graph is built.
   *
   * @param <D> the class of the data that it sees: the workflow's, or an item's
   */
  static final class Step<D> {
    private final int id;
    private final String name;
    private final Node<D> node;
    private final Map<String, Step<?>> edges = new TreeMap<>();

    private Step(int id, String name, Node<D> node) {
      this.id = id;
      this.name = name;
      this.node = node;
    }

    int id() {
      return id;
    }

    String name() {
      return name;
    }

    Node<D> node() {
      return node;
    }

    /**
     * Returns the step to which the edge leads; null at the end of the workflow or of a block's
     * steps.
     */
    @Nullable Step<?> follow(String edge) {
      return edges.get(edge);
    }
  }

  /**
   * Edges that do not lead anywhere yet. Immutable.
   *
   * @param isStart whether the next step is the first one
   */
  record Ends(List<Map.Entry<Step<?>, String>> edges, boolean isStart) {
    static final Ends START = new Ends(List.of(), true);

    /** Behind a step that ends the workflow. */
    static final Ends NONE = new Ends(List.of(), false);

    static Ends of(Step<?> from, String edge) {
      return new Ends(List.of(Map.entry(from, edge)), false);
    }

    Ends and(Ends more) {
      return new Ends(Stream.concat(edges.stream(), more.edges.stream()).toList(), false);
    }
  }

  /** Collects steps. Not thread-safe. */
  static final class Builder<D> {
    private final DefinitionVersion definition;
    private final JavaType dataType;
    private final Map<String, Step<?>> steps = new LinkedHashMap<>();
    private final Map<String, EventType<?>> eventTypes = new LinkedHashMap<>();
    private final Set<String> options = new HashSet<>();
    private InstanceLimits<D> limits = InstanceLimits.none();
    private boolean isBuilt;

    Builder(DefinitionVersion definition, JavaType dataType) {
      this.definition = definition;
      this.dataType = dataType;
      if (definition.definitionId().isEmpty()) {
        throw new WorkflowDefinitionException("A workflow definition needs an id");
      }
      Names.require("The id of a workflow", definition.definitionId());
      if (definition.version() < 0) {
        throw new WorkflowDefinitionException(
            "The version of workflow '%s' is %s, less than 0"
                .formatted(definition.definitionId(), definition.version()));
      }
    }

    void add(WorkflowOption<D> option) {
      if (!options.add(option.name())) {
        throw problem("The option '%s' is given twice".formatted(option.name()));
      }
      limits = option.apply(limits);
    }

    <X> Step<X> add(String name, Node<X> node) {
      Objects.requireNonNull(name, "name");
      if (isBuilt) {
        throw problem("Step '%s' is added after the definition was built".formatted(name));
      }
      if (name.isEmpty()) {
        throw problem("A step needs a name");
      }
      String wrong = Names.problem(name);
      if (wrong != null) {
        throw problem("The name of a step " + wrong);
      }
      if (node instanceof Node.Await<X, ?> await) {
        EventType<?> other = eventTypes.putIfAbsent(await.type().name(), await.type());
        if (other != null && !other.payload().equals(await.type().payload())) {
          throw problem(
              "Event '%s' is used with two classes, %s and %s"
                  .formatted(
                      await.type().name(),
                      other.payload().toCanonical(),
                      await.type().payload().toCanonical()));
        }
      }
      Step<X> step = new Step<>(steps.size(), name, node);
      if (steps.putIfAbsent(name, step) != null) {
        throw problem("Two steps have the name '%s'".formatted(name));
      }
      return step;
    }

    void connect(Ends ends, Step<?> target) {
      if (ends.edges().isEmpty() && !ends.isStart()) {
        throw problem(
            "Step '%s' is never reached: what comes before it ends the workflow"
                .formatted(target.name()));
      }
      for (Map.Entry<Step<?>, String> end : ends.edges()) {
        Step<?> from = end.getKey();
        Step<?> other = from.edges.putIfAbsent(end.getValue(), target);
        if (other != null) {
          throw problem(
              "Step '%s' is followed by '%s' and by '%s'; inside a branch, add steps to the branch"
                  .formatted(from.name(), other.name(), target.name()));
        }
      }
    }

    @SuppressWarnings("unchecked") // the first step sees the workflow's data
    Graph<D> build() {
      isBuilt = true;
      Step<?> first =
          steps.values().stream()
              .findFirst()
              .orElseThrow(() -> problem("A workflow needs at least one step"));
      return new Graph<>(this, (Step<D>) first);
    }

    WorkflowDefinitionException problem(String message) {
      return new WorkflowDefinitionException(
          "Workflow '%s' version %s: %s"
              .formatted(definition.definitionId(), definition.version(), message));
    }
  }
}
