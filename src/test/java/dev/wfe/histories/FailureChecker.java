package dev.wfe.histories;

import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.TokenMismatchException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Calls fail only in the ways that callers can expect: races are refused by their types, a store
 * that cannot be asked is one only while something is done to it, and nothing ends in a deadlock.
 */
final class FailureChecker implements Checker {
  private final Set<String> expected;
  private final boolean faults;

  /**
   * Expects what races bring.
   *
   * @param faults whether something is done to the store or to the processes
   */
  FailureChecker(boolean faults) {
    this.faults = faults;
    expected =
        new HashSet<>(
            Set.of(
                DuplicateException.class.getSimpleName(),
                NotFoundException.class.getSimpleName(),
                StaleRevisionException.class.getSimpleName(),
                TokenMismatchException.class.getSimpleName(),
                CommandActions.HANDLER_FAILED));
    if (faults) {
      expected.add(StoreUnavailableException.class.getSimpleName());
    }
  }

  @Override
  public List<Violation> check(History history) {
    return history.operations().stream()
        .filter(
            operation ->
                operation.outcome() == Outcome.REFUSED
                    ? !expected.contains(operation.refusal()) || isDeadlock(operation)
                    : operation.isUnknown() && !faults)
        .map(
            operation ->
                new Violation(
                    "Failure", operation.key(), "an end that nothing explains: " + operation))
        .toList();
  }

  /** No fault makes one. */
  private static boolean isDeadlock(Operation operation) {
    return operation.result().asText().contains("40P01");
  }
}
