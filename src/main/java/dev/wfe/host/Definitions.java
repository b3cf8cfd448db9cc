package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PersistenceProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The definitions that a host knows. Immutable. */
final class Definitions {
  /** The fields of a step in a stored graph. */
  private static final List<String> FIELDS =
      List.of("id", "kind", "event", "payload", "activity", "input", "output", "edges");

  private final Map<DefinitionVersion, Graph<?>> graphs = new LinkedHashMap<>();
  private final Map<DefinitionVersion, Graph<?>> schedules = new LinkedHashMap<>();
  private final Map<String, ClaimLimits> limits = new HashMap<>();

  Definitions(Collection<Workflow<?>> workflows, HostJson json) {
    this(workflows, List.of(), json);
  }

  Definitions(Collection<Workflow<?>> workflows, Collection<Schedule<?>> declared, HostJson json) {
    for (Workflow<?> workflow : workflows) {
      if (graphs.containsKey(workflow.graph().definition())) {
        throw twice(workflow);
      }
      graphs.put(workflow.graph().definition(), workflow.graph());
    }
    workflows.forEach(workflow -> workflow.graph().children().forEach(this::addChild));
    declared.forEach(schedule -> addChild(schedule.workflow()));
    graphs.values().forEach(graph -> requireMappable(graph, json));
    requireOneClassForEachEvent();
    requireUsable(declared, json);
    for (Graph<?> graph : newest()) {
      if (graph.limits().claims().isLimit()) {
        limits.put(id(graph), graph.limits().claims());
      }
    }
    if (CronLibrary.isPresent()) {
      newest().forEach(this::addSchedules);
    }
  }

  private static void requireUsable(Collection<Schedule<?>> declared, HostJson json) {
    Set<String> names = new HashSet<>();
    for (Schedule<?> schedule : declared) {
      StoredSchedule.of(schedule, json);
      if (!names.add(schedule.name())) {
        throw new WorkflowDefinitionException(
            "Schedule '%s' is given twice".formatted(schedule.name()));
      }
    }
  }

  /** The newest version of each workflow. */
  private Collection<Graph<?>> newest() {
    Map<String, Graph<?>> newest = new LinkedHashMap<>();
    graphs.values().forEach(graph -> newest.merge(id(graph), graph, Definitions::newer));
    return newest.values();
  }

  private static String id(Graph<?> graph) {
    return graph.definition().definitionId();
  }

  private static Graph<?> newer(Graph<?> one, Graph<?> other) {
    return one.definition().version() > other.definition().version() ? one : other;
  }

  private void addSchedules(Graph<?> workflow) {
    // There is no schedule of a workflow whose id is too long for that.
    if (Names.problem(StoredSchedule.definition(id(workflow)).definitionId()) == null) {
      Graph<?> graph = Recurring.graph(workflow);
      schedules.put(graph.definition(), graph);
    }
  }

  /** A child does not have to be given. */
  private void addChild(Workflow<?> child) {
    Graph<?> other = graphs.putIfAbsent(child.graph().definition(), child.graph());
    if (other == null) {
      child.graph().children().forEach(this::addChild);
    } else if (!other.equals(child.graph())) {
      throw twice(child);
    }
  }

  private static WorkflowDefinitionException twice(Workflow<?> workflow) {
    return new WorkflowDefinitionException(
        "Workflow '%s' version %s is given twice".formatted(workflow.id(), workflow.version()));
  }

  private void requireOneClassForEachEvent() {
    Map<String, EventType<?>> types = new LinkedHashMap<>();
    graphs
        .values()
        .forEach(
            graph ->
                graph
                    .eventTypes()
                    .forEach(
                        type -> {
                          EventType<?> other = types.putIfAbsent(type.name(), type);
                          if (other != null && !other.payload().equals(type.payload())) {
                            throw new WorkflowDefinitionException(
                                "Workflow '%s' version %s: event '%s' is used with two classes, %s and %s"
                                    .formatted(
                                        graph.definition().definitionId(),
                                        graph.definition().version(),
                                        type.name(),
                                        other.payload().toCanonical(),
                                        type.payload().toCanonical()));
                          }
                        }));
  }

  private static void requireMappable(Graph<?> graph, HostJson json) {
    String where =
        "Workflow '%s' version %s"
            .formatted(graph.definition().definitionId(), graph.definition().version());
    json.requireMappable(where, graph.dataType());
    graph
        .steps()
        .forEach(
            step -> {
              String at = "%s, step '%s'".formatted(where, step.name());
              if (step.node() instanceof Node.Await<?, ?> await) {
                json.requireMappable(at, await.type().payload());
              } else if (step.node() instanceof Node.Activity<?, ?, ?> activity) {
                json.requireMappable(at, activity.type().input());
                json.requireMappable(at, activity.type().output());
              } else if (step.node() instanceof Node.Item<?, ?> item) {
                json.requireMappable(at, item.type());
              }
            });
  }

  /** The definitions of the instances that the host executes: workflows and schedules. */
  List<DefinitionVersion> versions() {
    return Stream.of(graphs, schedules).flatMap(all -> all.keySet().stream()).toList();
  }

  /** The limits of definitions, by their ids: those of the newest version. */
  Map<String, ClaimLimits> limits() {
    return limits;
  }

  /** Whether one of the definitions has a step of the name. */
  boolean haveStep(String name) {
    return graphs.values().stream().anyMatch(graph -> graph.step(name) != null);
  }

  /** Returns the graph of the instance's definition and version, or null. */
  @Nullable Graph<?> of(LiveWorkflow workflow) {
    DefinitionVersion version =
        new DefinitionVersion(workflow.workflowDefinitionId(), workflow.version());
    Graph<?> graph = graphs.get(version);
    return graph == null ? schedules.get(version) : graph;
  }

  /**
   * Stores the graphs of versions that are new, and compares the others with what is stored.
   *
   * @throws WorkflowDefinitionException if a graph differs from the stored one
   */
  void register(PersistenceProvider provider) {
    graphs.forEach(
        (version, graph) -> {
          JsonNode mine = graph.toJson();
          JsonNode stored = provider.registerDefinition(version, mine);
          List<String> differences = differences(stored, mine);
          if (!differences.isEmpty()) {
            throw new WorkflowDefinitionException(
                "Workflow '%s' version %s differs from the stored definition: %s. Give the changed definition a new version, and keep the old one for running workflows"
                    .formatted(
                        version.definitionId(), version.version(), String.join("; ", differences)));
          }
        });
  }

  private static List<String> differences(JsonNode stored, JsonNode mine) {
    List<String> found = new ArrayList<>();
    compare("the data", stored.path("data"), mine.path("data"), found);
    Map<String, JsonNode> before = byName(stored);
    Map<String, JsonNode> after = byName(mine);
    before.forEach(
        (name, step) -> {
          JsonNode other = after.get(name);
          if (other == null) {
            found.add("step '%s' is missing".formatted(name));
          } else {
            for (String field : FIELDS) {
              compare(
                  "%s of step '%s'".formatted(field, name),
                  step.path(field),
                  other.path(field),
                  found);
            }
          }
        });
    after.keySet().stream()
        .filter(name -> !before.containsKey(name))
        .forEach(name -> found.add("step '%s' is new".formatted(name)));
    return found;
  }

  private static void compare(String what, JsonNode stored, JsonNode mine, List<String> found) {
    if (!Objects.equals(stored, mine)) {
      found.add("%s was %s and is %s".formatted(what, stored, mine));
    }
  }

  private static Map<String, JsonNode> byName(JsonNode graph) {
    Map<String, JsonNode> steps = new LinkedHashMap<>();
    graph.path("steps").forEach(step -> steps.put(step.path("name").asText(), step));
    return steps;
  }
}
