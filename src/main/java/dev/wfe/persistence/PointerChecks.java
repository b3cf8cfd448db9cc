package dev.wfe.persistence;

import dev.wfe.model.ExecutionPointer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the pointers of one instance against the limits. Pointers that were read from the store
 * are known to be valid and to have different ids; they are compared with and not checked again.
 */
final class PointerChecks {
  private static final String FIELD = "executionPointers";

  /** Stands for the stored form of a new pointer. All its fields are within the limits. */
  private static final ExecutionPointer NOTHING = ExecutionPointer.builder("none", 0).build();

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
      throw checks.refusal(FIELD, FieldChecks.tooMany(pointers.size(), ValueLimits.MAX_POINTERS));
    }
    new PointerChecks(checks, pointers, accepted).check();
  }

  /**
   * Compares both lists position by position as long as the ids are the same. Only later ids can be
   * repeated.
   */
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

  @SuppressWarnings("ReferenceEquality") // comparing by value costs as much as checking
  private void checkFrom(int start) {
    Map<String, ExecutionPointer> known = new HashMap<>();
    for (int i = start; i < accepted.size(); i++) {
      known.put(accepted.get(i).id(), accepted.get(i));
    }
    for (int i = start; i < pointers.size(); i++) {
      ExecutionPointer pointer = pointers.get(i);
      if (pointer == null) {
        throw checks.refusal(FieldChecks.element(FIELD, i), FieldChecks.IS_NULL);
      }
      ExecutionPointer stored = known.getOrDefault(pointer.id(), NOTHING);
      if (pointer != stored) {
        check(checks.within(FIELD, i), pointer, stored);
      }
    }
  }

  /**
   * True if the pointer has the same id as the stored pointer at its position. Checks it then, too.
   */
  @SuppressWarnings("ReferenceEquality") // comparing by value costs as much as checking
  private boolean isAccepted(int index) {
    ExecutionPointer pointer = pointers.get(index);
    ExecutionPointer known = accepted.get(index);
    if (pointer == known) {
      return true;
    }
    boolean isSameId = pointer != null && known.id().equals(pointer.id());
    if (isSameId) {
      check(checks.within(FIELD, index), pointer, known);
    }
    return isSameId;
  }

  private static void check(FieldChecks checks, ExecutionPointer pointer, ExecutionPointer stored) {
    checks.filledKey("id", pointer.id(), stored.id());
    checks.notNegative("stepId", pointer.stepId(), stored.stepId());
    checks.nonNull("status", pointer.status());
    checks.optionalInstant("sleepUntil", pointer.sleepUntil());
    checks.optionalJson("persistenceData", pointer.persistenceData(), stored.persistenceData());
    checks.optionalInstant("startTime", pointer.startTime());
    checks.optionalInstant("endTime", pointer.endTime());
    checks.optionalKey("eventName", pointer.eventName(), stored.eventName());
    checks.optionalKey("eventKey", pointer.eventKey(), stored.eventKey());
    checks.optionalJson("eventData", pointer.eventData(), stored.eventData());
    checks.optionalText("stepName", pointer.stepName());
    checks.notNegative("retryCount", pointer.retryCount(), stored.retryCount());
    checks.keys("children", pointer.children(), stored.children(), ValueLimits.MAX_POINTERS);
    checks.optionalJson("contextItem", pointer.contextItem(), stored.contextItem());
    checks.optionalKey("predecessorId", pointer.predecessorId(), stored.predecessorId());
    checks.optionalJson("outcome", pointer.outcome(), stored.outcome());
    checks.keys("scope", pointer.scope(), stored.scope(), ValueLimits.MAX_POINTERS);
    checks.jsonMap(
        "extensionAttributes", pointer.extensionAttributes(), stored.extensionAttributes());
  }

  /** Whether an id occurs twice, and one of its occurrences is at or after the position. */
  private boolean isRepeatedFrom(int start) {
    Set<String> ids = new HashSet<>();
    for (ExecutionPointer pointer : pointers.subList(start, pointers.size())) {
      if (!ids.add(pointer.id())) {
        return true;
      }
    }
    return pointers.subList(0, start).stream().anyMatch(pointer -> ids.contains(pointer.id()));
  }

  /** The exception for the first id that is repeated. */
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
