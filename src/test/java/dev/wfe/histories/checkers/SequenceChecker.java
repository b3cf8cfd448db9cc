package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of a definition are never given twice, and a call that had returned when another began
 * got the smaller number. Gaps are allowed.
 */
public final class SequenceChecker implements Checker {
  private static final String PROMISE = "Sequence";

  @Override
  public List<Violation> check(History history) {
    List<Violation> violations = new ArrayList<>();
    history
        .byKey(OperationNames.NEXT_SEQUENCE)
        .forEach((key, calls) -> check(key, calls, violations));
    return violations;
  }

  private static long number(Operation call) {
    return call.result().asLong();
  }

  private static void check(String key, List<Operation> calls, List<Violation> violations) {
    Map<Long, Operation> given = new HashMap<>();
    PriorityQueue<Operation> returning =
        new PriorityQueue<>(Comparator.comparingLong(Operation::returned));
    @Nullable Operation greatest = null;
    for (Operation call : calls) {
      if (!call.isOk()) {
        continue;
      }
      Operation twin = given.put(number(call), call);
      if (twin != null) {
        violations.add(
            new Violation(
                PROMISE, key, "%s was given twice: %s; %s".formatted(number(call), twin, call)));
      }
      for (Operation one = returning.peek();
          one != null && one.isBefore(call);
          one = returning.peek()) {
        greatest = greatest == null || number(one) > number(greatest) ? one : greatest;
        returning.remove();
      }
      if (number(call) < 1) {
        violations.add(new Violation(PROMISE, key, "counts from 1: " + call));
      }
      if (greatest != null && number(greatest) > number(call)) {
        violations.add(
            new Violation(
                PROMISE,
                key,
                "%s was given although %s had been given before it was asked for: %s; then %s"
                    .formatted(number(call), number(greatest), greatest, call)));
      }
      returning.add(call);
    }
  }
}
