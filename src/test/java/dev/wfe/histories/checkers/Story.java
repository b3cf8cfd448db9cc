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

/** A history made by hand; its operations are numbered from 1. Not thread-safe. */
final class Story {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Operation> operations = new ArrayList<>();

  /** Done between the two moments, with the result; arguments are pairs of name and value. */
  Story ok(
      String verb, String key, long from, long to, @Nullable Object result, String... arguments) {
    return add(
        new Operation(
            nextId(),
            verb,
            key,
            JSON.valueToTree(pairs(arguments)),
            from,
            to,
            Outcome.OK,
            JSON.valueToTree(result)));
  }

  Story refused(
      String verb,
      String key,
      long from,
      long to,
      Class<? extends Exception> refusal,
      String... arguments) {
    return add(
        new Operation(
            nextId(),
            verb,
            key,
            JSON.valueToTree(pairs(arguments)),
            from,
            to,
            Outcome.REFUSED,
            TextNode.valueOf(refusal.getSimpleName() + ": as said")));
  }

  Story unknown(String verb, String key, long from, String... arguments) {
    return add(
        new Operation(
            nextId(),
            verb,
            key,
            JSON.valueToTree(pairs(arguments)),
            from,
            Operation.NEVER,
            Outcome.UNKNOWN,
            TextNode.valueOf("(no return)")));
  }

  private Story add(Operation operation) {
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

  History history() {
    return new History(operations);
  }
}
