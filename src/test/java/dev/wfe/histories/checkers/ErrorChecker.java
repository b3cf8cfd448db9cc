package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.workload.ErrorActions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Errors that were recorded are stored, once each; those of a refused call are not; those of one
 * call of unknown outcome are all stored, or none is. Nothing else is stored.
 */
public final class ErrorChecker implements Checker {
  private static final String PROMISE = "Error";

  @Override
  public List<Violation> check(History history) {
    Map<String, Integer> stored = new HashMap<>();
    for (Operation read : history.of(OperationNames.STORED_ERRORS)) {
      read.result().forEach(message -> stored.merge(message.asText(), 1, Integer::sum));
    }
    List<Violation> violations = new ArrayList<>();
    for (Operation call : history.of(OperationNames.PERSIST_ERRORS)) {
      List<String> messages =
          ErrorActions.messages(call.key(), Integer.parseInt(call.argument("count")));
      List<Integer> counts =
          messages.stream().map(message -> stored.getOrDefault(message, 0)).toList();
      messages.forEach(stored::remove);
      if (!isRight(call, counts)) {
        violations.add(
            new Violation(PROMISE, call.key(), "stored %s times each: %s".formatted(counts, call)));
      }
    }
    stored.forEach(
        (message, count) ->
            violations.add(new Violation(PROMISE, message, "stored, but nobody recorded it")));
    return violations;
  }

  private static boolean isRight(Operation call, List<Integer> counts) {
    boolean all = counts.stream().allMatch(count -> count == 1);
    boolean none = counts.stream().allMatch(count -> count == 0);
    return switch (call.outcome()) {
      case OK -> all;
      case REFUSED -> none;
      case UNKNOWN -> all || none;
    };
  }
}
