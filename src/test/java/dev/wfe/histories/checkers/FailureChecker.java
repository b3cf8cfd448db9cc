package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.Outcome;
import dev.wfe.histories.workload.CommandActions;
import dev.wfe.histories.workload.Drain;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.TokenMismatchException;
import java.util.List;
import java.util.Set;

/**
 * Calls fail only in ways that callers can expect: lost races have typed exceptions, the store is
 * unavailable only while faults are injected, and there are no deadlocks.
 */
public final class FailureChecker implements Checker {
  private static final Set<String> EXPECTED =
      Set.of(
          DuplicateException.class.getSimpleName(),
          NotFoundException.class.getSimpleName(),
          StaleRevisionException.class.getSimpleName(),
          TokenMismatchException.class.getSimpleName(),
          CommandActions.HANDLER_FAILED);

  private final boolean faults;

  /**
   * Expects what races bring.
   *
   * @param faults whether something is done to the store or to the processes
   */
  public FailureChecker(boolean faults) {
    this.faults = faults;
  }

  @Override
  public List<Violation> check(History history) {
    return history.operations().stream()
        .filter(
            operation ->
                operation.outcome() == Outcome.REFUSED
                    ? !isExpected(operation) || isDeadlock(operation)
                    : operation.isUnknown() && !hasFaults(operation))
        .map(
            operation ->
                new Violation(
                    "Failure", operation.key(), "an end that nothing explains: " + operation))
        .toList();
  }

  private boolean isExpected(Operation operation) {
    return EXPECTED.contains(operation.refusal())
        || (hasFaults(operation) && operation.isRefusedAs(StoreUnavailableException.class));
  }

  /** The end of a history comes after all faults. */
  private boolean hasFaults(Operation operation) {
    return faults && !operation.id().startsWith(Drain.NAME);
  }

  /** No fault makes one. */
  private static boolean isDeadlock(Operation operation) {
    return operation.result().asText().contains("40P01");
  }
}
