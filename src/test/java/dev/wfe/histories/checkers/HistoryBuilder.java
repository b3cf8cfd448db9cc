package dev.wfe.histories.checkers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds a history; its operations are numbered from 1. Not thread-safe. */
final class HistoryBuilder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Operation> operations = new ArrayList<>();

  /** Done between the two moments, with the result; arguments are pairs of name and value. */
  HistoryBuilder ok(
      String name, String key, long from, long to, @Nullable Object result, String... arguments) {
    return add(
        new Operation(
            nextId(),
            name,
            key,
            JSON.valueToTree(pairs(arguments)),
            from,
            to,
            Outcome.OK,
            JSON.valueToTree(result)));
  }

  HistoryBuilder refused(
      String name,
      String key,
      long from,
      long to,
      Class<? extends Exception> refusal,
      String... arguments) {
    return add(
        new Operation(
            nextId(),
            name,
            key,
            JSON.valueToTree(pairs(arguments)),
            from,
            to,
            Outcome.REFUSED,
            TextNode.valueOf(refusal.getSimpleName() + ": as said")));
  }

  HistoryBuilder unknown(String name, String key, long from, String... arguments) {
    return add(
        new Operation(
            nextId(),
            name,
            key,
            JSON.valueToTree(pairs(arguments)),
            from,
            Operation.NEVER,
            Outcome.UNKNOWN,
            TextNode.valueOf("(no return)")));
  }

  private HistoryBuilder add(Operation operation) {
    operations.add(operation);
    return this;
  }

  private String nextId() {
    return Integer.toString(operations.size() + 1);
  }

  private static Map<String, String> pairs(String... arguments) {
    Map<String, String> pairs = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      pairs.put(arguments[i], arguments[i + 1]);
    }
    return pairs;
  }

  History build() {
    return new History(operations);
  }
}
