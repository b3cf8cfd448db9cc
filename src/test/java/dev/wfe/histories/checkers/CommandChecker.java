package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Commands are handed out.
 *
 * <ol>
 *   <li>Never is one command in two handlers at the same time, nor twice in one call.
 *   <li>None is lost: each that was scheduled is handled, with success, by a handler that began
 *       after that, or is still in the store after everything.
 *   <li>None is invented: a handler got only what somebody had scheduled. After a handler had
 *       returned, and the call that ran it too, it is handed out again only if it was scheduled
 *       since.
 *   <li>A call reports as many handled and failed commands as there were.
 * </ol>
 *
 * <p>A handler whose process was killed counts as an instant: until when it ran is not known.
 */
public final class CommandChecker implements Checker {
  private static final String PROMISE = "Command";

  @Override
  public List<Violation> check(History history) {
    Map<String, Operation> calls =
        history.of(OperationNames.PROCESS).stream()
            .collect(Collectors.toMap(Operation::id, call -> call));
    Map<String, List<Operation>> runs = history.byKey(OperationNames.HANDLE);
    Map<String, List<Operation>> schedules =
        history.byKey(OperationNames.SCHEDULE, OperationNames.SCHEDULE_AT_EARLIEST);
    Set<String> left =
        history.of(OperationNames.LEFT).stream().map(Operation::key).collect(Collectors.toSet());
    Set<String> keys = new HashSet<>(runs.keySet());
    keys.addAll(schedules.keySet());
    List<Violation> violations = new ArrayList<>();
    for (String key : keys) {
      List<String> problems = new ArrayList<>();
      List<Operation> ofOne = runs.getOrDefault(key, List.of());
      List<Operation> wanted = effective(schedules.getOrDefault(key, List.of()));
      checkExclusive(ofOne, problems);
      checkOncePerCall(ofOne, problems);
      checkWanted(ofOne, wanted, calls, problems);
      checkNotLost(ofOne, wanted, left.contains(key), problems);
      problems.forEach(problem -> violations.add(new Violation(PROMISE, key, problem)));
    }
    checkCounts(history, calls, violations);
    return violations;
  }

  /** A refused call had no effect. */
  private static List<Operation> effective(List<Operation> schedules) {
    return schedules.stream().filter(one -> one.outcome() != Outcome.REFUSED).toList();
  }

  private static long end(Operation run) {
    return run.isUnknown() ? run.invoked() : run.returned();
  }

  private static void checkExclusive(List<Operation> runs, List<String> problems) {
    @Nullable Operation longest = null;
    for (Operation run : runs) {
      if (longest != null && run.invoked() < end(longest)) {
        problems.add("in two handlers at the same time: %s; %s".formatted(longest, run));
      }
      longest = longest == null || end(run) > end(longest) ? run : longest;
    }
  }

  private static void checkOncePerCall(List<Operation> runs, List<String> problems) {
    Map<String, Operation> byCall = new HashMap<>();
    for (Operation run : runs) {
      Operation other = byCall.put(run.argument("call"), run);
      if (other != null) {
        problems.add("handed out twice by one call: %s; %s".formatted(other, run));
      }
    }
  }

  private static void checkWanted(
      List<Operation> runs,
      List<Operation> schedules,
      Map<String, Operation> calls,
      List<String> problems) {
    @Nullable Operation done = null;
    for (Operation run : runs) {
      // What is done cannot have been claimed before its call began.
      long since = done == null ? Long.MIN_VALUE : callOf(done, calls).invoked();
      if (schedules.stream()
          .noneMatch(one -> one.invoked() < run.invoked() && one.returned() > since)) {
        problems.add(
            done == null
                ? "handed out, but nobody had scheduled it: " + run
                : "handed out again, but nobody had scheduled it since: %s; %s"
                    .formatted(done, run));
      }
      if (run.isOk() && callOf(run, calls).isOk()) {
        done = run;
      }
    }
  }

  private static Operation callOf(Operation run, Map<String, Operation> calls) {
    Operation call = calls.get(run.argument("call"));
    if (call == null) {
      throw new IllegalArgumentException("Handled outside of a call: " + run);
    }
    return call;
  }

  private static void checkNotLost(
      List<Operation> runs, List<Operation> schedules, boolean isLeft, List<String> problems) {
    if (isLeft) {
      return;
    }
    long last =
        runs.stream()
            .filter(Operation::isOk)
            .mapToLong(Operation::invoked)
            .max()
            .orElse(Long.MIN_VALUE);
    schedules.stream()
        .filter(one -> one.isOk() && one.invoked() > last)
        .min(Comparator.comparingLong(Operation::invoked))
        .ifPresent(
            lost ->
                problems.add(
                    "lost: %s; it is not in the store, and %s"
                        .formatted(
                            lost,
                            runs.isEmpty()
                                ? "nobody handled it"
                                : "was last handed out to " + runs.get(runs.size() - 1))));
  }

  private static void checkCounts(
      History history, Map<String, Operation> calls, List<Violation> violations) {
    Map<String, List<Operation>> runs =
        history.of(OperationNames.HANDLE).stream()
            .collect(Collectors.groupingBy(run -> run.argument("call")));
    for (Operation call : calls.values()) {
      if (!call.isOk()) {
        continue;
      }
      List<Operation> ofCall = runs.getOrDefault(call.id(), List.of());
      long handled = ofCall.stream().filter(Operation::isOk).count();
      long failed = ofCall.size() - handled;
      if (call.result().path("handled").asLong() != handled
          || call.result().path("failed").asLong() != failed) {
        violations.add(
            new Violation(
                PROMISE,
                call.id(),
                "reported other than %s handled and %s failed: %s"
                    .formatted(handled, failed, call)));
      }
    }
  }
}
