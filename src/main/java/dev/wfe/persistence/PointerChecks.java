package dev.wfe.persistence;

import dev.wfe.model.ExecutionPointer;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Checks the pointers of one instance against the limits, beside those that were accepted before,
 * whose ids differ from each other.
 */
final class PointerChecks {
  private static final String FIELD = "executionPointers";

  private final FieldChecks checks;
  private final List<ExecutionPointer> pointers;
  private final List<ExecutionPointer> accepted;

  private PointerChecks(
      FieldChecks checks, List<ExecutionPointer> pointers, List<ExecutionPointer> accepted) {
    this.checks = checks;
    this.pointers = pointers;
    this.accepted = accepted;
  }

  static void check(
      FieldChecks checks, List<ExecutionPointer> pointers, List<ExecutionPointer> accepted) {
    if (pointers.size() > ValueLimits.MAX_POINTERS) {
      throw checks.refusal(FIELD, FieldChecks.tooMany(pointers.size()));
    }
    new PointerChecks(checks, pointers, accepted).check();
  }

  /** In step as far as the ids agree: those cannot repeat each other. */
  @SuppressWarnings("ReferenceEquality") // an equal one would have to be walked just as well
  private void check() {
    int most = Math.min(pointers.size(), accepted.size());
    int next = 0;
    while (next < most && isSameId(accepted.get(next), pointers.get(next))) {
      check(next, pointers.get(next) == accepted.get(next));
      next++;
    }
    if (next < pointers.size()) {
      checkFrom(next);
      refuseRepetition();
    }
  }

  private void checkFrom(int start) {
    Set<ExecutionPointer> known = Collections.newSetFromMap(new IdentityHashMap<>());
    known.addAll(accepted.subList(Math.min(start, accepted.size()), accepted.size()));
    for (int i = start; i < pointers.size(); i++) {
      check(i, known.contains(pointers.get(i)));
    }
  }

  private static boolean isSameId(ExecutionPointer accepted, ExecutionPointer pointer) {
    return pointer != null && accepted.id().equals(pointer.id());
  }

  private void check(int index, boolean known) {
    ExecutionPointer pointer = pointers.get(index);
    if (pointer == null) {
      throw checks.refusal(FieldChecks.element(FIELD, index), FieldChecks.IS_NULL);
    }
    if (!known) {
      check(checks.within(FIELD, index), pointer);
    }
  }

  private static void check(FieldChecks checks, ExecutionPointer pointer) {
    checks.filledKey("id", pointer.id());
    checks.notNegative("stepId", pointer.stepId());
    checks.nonNull("status", pointer.status());
    checks.optionalInstant("sleepUntil", pointer.sleepUntil());
    checks.optionalJson("persistenceData", pointer.persistenceData());
    checks.optionalInstant("startTime", pointer.startTime());
    checks.optionalInstant("endTime", pointer.endTime());
    checks.optionalKey("eventName", pointer.eventName());
    checks.optionalKey("eventKey", pointer.eventKey());
    checks.optionalJson("eventData", pointer.eventData());
    checks.optionalText("stepName", pointer.stepName());
    checks.notNegative("retryCount", pointer.retryCount());
    checks.keys("children", pointer.children());
    checks.optionalJson("contextItem", pointer.contextItem());
    checks.optionalKey("predecessorId", pointer.predecessorId());
    checks.optionalJson("outcome", pointer.outcome());
    checks.keys("scope", pointer.scope());
    checks.jsonMap("extensionAttributes", pointer.extensionAttributes());
  }

  /** Names the later of two. */
  private void refuseRepetition() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < pointers.size(); i++) {
      String id = pointers.get(i).id();
      if (!ids.add(id)) {
        throw checks.within(FIELD, i).refusal("id", "repeats " + Messages.quote(id));
      }
    }
  }
}
