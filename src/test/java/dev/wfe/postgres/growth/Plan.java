package dev.wfe.postgres.growth;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How PostgreSQL ran a statement: the JSON of {@code auto_explain}, with what each node did. */
public record Plan(JsonNode json) {
  /** One row for each call of {@code processCommands} under way. */
  private static final Set<String> ALWAYS_SMALL = Set.of("command_claims");

  String query() {
    return json.path("Query Text").asText();
  }

  /** The tables that were read from end to end. */
  List<String> scannedTables() {
    return nodes().stream()
        .filter(node -> node.path("Node Type").asText().equals("Seq Scan"))
        .filter(node -> !readsAllLeases(node))
        .map(node -> node.path("Relation Name").asText())
        .filter(table -> !ALWAYS_SMALL.contains(table))
        .toList();
  }

  private static boolean readsAllLeases(JsonNode node) {
    return node.path("Relation Name").asText().equals("workflow_leases")
        && node.path("Filter")
            .asText()
            .matches(".*\\(expires_at > (clock|statement)_timestamp\\(\\)\\).*");
  }

  /** The most rows that one node gave or looked at in vain, all its loops together. */
  double mostRows() {
    return nodes().stream().mapToDouble(Plan::rows).max().orElse(0);
  }

  /** As {@link #mostRows}, without the nodes that read this table, which is small. */
  double mostRowsBeside(String table) {
    return nodes().stream()
        .filter(node -> !node.path("Relation Name").asText().equals(table))
        .mapToDouble(Plan::rows)
        .max()
        .orElse(0);
  }

  /** What the planner expects it to cost; a server with JIT compiles what is expensive. */
  double estimatedCost() {
    return json.path("Plan").path("Total Cost").asDouble();
  }

  /** The buffers that it read, all nodes together. */
  public long buffers() {
    JsonNode plan = json.path("Plan");
    return plan.path("Shared Hit Blocks").asLong() + plan.path("Shared Read Blocks").asLong();
  }

  private static double rows(JsonNode node) {
    double rows = 0;
    for (String count :
        List.of(
            "Actual Rows",
            "Rows Removed by Filter",
            "Rows Removed by Join Filter",
            "Rows Removed by Index Recheck")) {
      rows += node.path(count).asDouble();
    }
    return rows * node.path("Actual Loops").asDouble();
  }

  private List<JsonNode> nodes() {
    List<JsonNode> nodes = new ArrayList<>();
    collect(json.path("Plan"), nodes);
    return nodes;
  }

  private static void collect(JsonNode node, List<JsonNode> nodes) {
    nodes.add(node);
    node.path("Plans").forEach(child -> collect(child, nodes));
  }

  @Override
  public String toString() {
    return query() + "\n" + json.path("Plan").toPrettyString();
  }
}
