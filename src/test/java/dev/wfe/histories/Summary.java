package dev.wfe.histories;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts the calls of a run, over all its rounds. Not thread-safe. */
final class Summary {
  private final String name;
  private final long seed;
  private final long seconds;
  private int rounds;
  private long violations;

  /** Of each operation, how often it ended how. */
  private final Map<String, Map<String, Long>> ends = new TreeMap<>();

  private final Map<String, Integer> faults = new TreeMap<>();

  Summary(String name, long seed, long seconds) {
    this.name = name;
    this.seed = seed;
    this.seconds = seconds;
  }

  void add(History history, Map<String, Integer> injections, int found) {
    rounds++;
    violations += found;
    injections.forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
    for (Operation operation : history.operations()) {
      ends.computeIfAbsent(operation.name(), name -> new TreeMap<>())
          .merge(end(operation), 1L, Long::sum);
    }
  }

  private static String end(Operation operation) {
    return switch (operation.outcome()) {
      case OK -> operation.result().isBoolean() ? operation.result().asText() : "ok";
      case REFUSED -> operation.refusal();
      case UNKNOWN -> "unknown";
    };
  }

  /** What a run must have come across to prove anything, and this one did not. */
  List<String> missing(List<Fault> expected) {
    List<String> missing = new ArrayList<>();
    for (String name : OperationNames.ALL) {
      Map<String, Long> of = ends.getOrDefault(name, Map.of());
      if (!of.containsKey("ok") && !of.containsKey("true")) {
        missing.add(name);
      }
    }
    requireEnd(OperationNames.PERSIST, "StaleRevisionException", missing);
    requireEnd(OperationNames.CREATE, "DuplicateException", missing);
    requireEnd(OperationNames.SET_TOKEN, "false", missing);
    requireEnd(OperationNames.SET_TOKEN_FOR, "false", missing);
    requireEnd(OperationNames.HANDLE, "true", missing);
    requireEnd(OperationNames.CLEAR_TOKEN, "TokenMismatchException", missing);
    requireEnd(OperationNames.MARK_PROCESSED, "false", missing);
    for (Fault fault : expected) {
      if (!faults.containsKey(fault.name())) {
        missing.add(fault.name());
      }
    }
    return missing;
  }

  private void requireEnd(String name, String end, List<String> missing) {
    if (!ends.getOrDefault(name, Map.of()).containsKey(end)) {
      missing.add(name + " -> " + end);
    }
  }

  private long operations() {
    return ends.values().stream()
        .flatMap(of -> of.values().stream())
        .mapToLong(Long::longValue)
        .sum();
  }

  private long unknown() {
    return ends.values().stream().mapToLong(of -> of.getOrDefault("unknown", 0L)).sum();
  }

  /** In one line. */
  @Override
  public String toString() {
    return "histories %s: seed %s, %s s in %s rounds: %s operations %s; faults %s; %s unknown outcomes; %s violations"
        .formatted(name, seed, seconds, rounds, operations(), ends, faults, unknown(), violations);
  }

  /** As a file of JSON. */
  void write(Path file) throws IOException {
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode node = json.createObjectNode();
    node.put("name", name)
        .put("seed", seed)
        .put("seconds", seconds)
        .put("rounds", rounds)
        .put("operations", operations())
        .put("unknown", unknown())
        .put("violations", violations);
    node.set("faults", json.valueToTree(faults));
    node.set("names", json.valueToTree(ends));
    Files.writeString(file, json.writeValueAsString(node) + "\n");
  }
}
