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
  private void check() {
    int most = Math.min(pointers.size(), accepted.size());
    int next = 0;
    while (next < most && isAccepted(next)) {
      next++;
    }
    if (next < pointers.size()) {
      checkFrom(next);
      if (isRepeatedFrom(next)) {
        throw repetition();
      }
    }
  }

  private void checkFrom(int start) {
    Set<ExecutionPointer> known = Collections.newSetFromMap(new IdentityHashMap<>());
    known.addAll(accepted.subList(Math.min(start, accepted.size()), accepted.size()));
    for (int i = start; i < pointers.size(); i++) {
      ExecutionPointer pointer = pointers.get(i);
      if (pointer == null) {
        throw checks.refusal(FieldChecks.element(FIELD, i), FieldChecks.IS_NULL);
      }
      if (!known.contains(pointer)) {
        check(checks.within(FIELD, i), pointer);
      }
    }
  }

  /** Whether the pointer has the id of the accepted one in its place, and may be written. */
  @SuppressWarnings("ReferenceEquality") // an equal one would have to be walked just as well
  private boolean isAccepted(int index) {
    ExecutionPointer pointer = pointers.get(index);
    ExecutionPointer known = accepted.get(index);
    if (pointer == known) {
      return true;
    }
    boolean isSameId = pointer != null && known.id().equals(pointer.id());
    if (isSameId) {
      check(checks.within(FIELD, index), pointer);
    }
    return isSameId;
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

  /** Whether an id of those from there on is there once more. */
  private boolean isRepeatedFrom(int start) {
    Set<String> ids = new HashSet<>();
    for (ExecutionPointer pointer : pointers.subList(start, pointers.size())) {
      if (!ids.add(pointer.id())) {
        return true;
      }
    }
    return pointers.subList(0, start).stream().anyMatch(pointer -> ids.contains(pointer.id()));
  }

  /** Names the later of the first two. */
  private InvalidValueException repetition() {
    Set<String> ids = new HashSet<>();
    int index = 0;
    while (ids.add(pointers.get(index).id())) {
      index++;
    }
    return checks
        .within(FIELD, index)
        .refusal("id", "repeats " + Messages.quote(pointers.get(index).id()));
  }
}
