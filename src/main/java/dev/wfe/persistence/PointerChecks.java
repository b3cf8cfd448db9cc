package dev.wfe.persistence;

import dev.wfe.model.ExecutionPointer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

  /** In step from both ends as far as the ids agree there: those cannot repeat each other. */
  private void check() {
    int most = Math.min(pointers.size(), accepted.size());
    int head = 0;
    while (head < most && isSameId(accepted.get(head), pointers.get(head))) {
      head++;
    }
    int end = pointers.size();
    int acceptedEnd = accepted.size();
    while (end > head
        && acceptedEnd > head
        && isSameId(accepted.get(acceptedEnd - 1), pointers.get(end - 1))) {
      end--;
      acceptedEnd--;
    }
    for (int i = 0; i < head; i++) {
      check(i, accepted.get(i));
    }
    for (int i = head; i < end; i++) {
      check(i, null);
    }
    for (int i = end; i < pointers.size(); i++) {
      check(i, accepted.get(i - end + acceptedEnd));
    }
    if (repeats(head, end)) {
      refuseRepetition();
    }
  }

  private static boolean isSameId(ExecutionPointer accepted, ExecutionPointer pointer) {
    return pointer != null && accepted.id().equals(pointer.id());
  }

  @SuppressWarnings("ReferenceEquality") // an equal one would have to be walked just as well
  private void check(int index, @Nullable ExecutionPointer known) {
    ExecutionPointer pointer = pointers.get(index);
    if (pointer == null) {
      throw checks.refusal(FieldChecks.element(FIELD, index), FieldChecks.IS_NULL);
    }
    if (pointer != known) {
      check(checks.within(FIELD, index), pointer);
    }
  }

  /** Whether an id of those between the ends is there once more. */
  private boolean repeats(int head, int end) {
    Set<String> between = new HashSet<>();
    for (int i = head; i < end; i++) {
      if (!between.add(pointers.get(i).id())) {
        return true;
      }
    }
    for (int i = 0; !between.isEmpty() && i < pointers.size(); i++) {
      if ((i < head || i >= end) && between.contains(pointers.get(i).id())) {
        return true;
      }
    }
    return false;
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
