package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Outcome;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import java.util.ArrayList;
import java.util.List;

/**
 * Each instance is a register with revisions.
 *
 * <ol>
 *   <li>Every write that succeeded, and every unknown one that somebody saw, replaced exactly what
 *       it was based on: no two replaced the same (a lost update), so they form one chain.
 *   <li>Everything that was read is a write of the chain, whole: with the very pointers that it
 *       wrote.
 *   <li>In real time nothing goes back: what begins after something of the chain was written or
 *       read comes at or after it in the chain. The reads after everything therefore see its end.
 *   <li>A write that was refused was never seen, and what refused it was there.
 * </ol>
 *
 * <p>Where some writes replace whatever is there, no base says where they stand: then any order is
 * looked for that explains everything ({@link RevisionRegister}).
 *
 * <p>Holds for histories in which a write's base was read, or its writing had returned, before the
 * write began: whoever persists has it from the store.
 */
public final class InstanceChecker implements Checker {
  @Override
  public List<Violation> check(History history) {
    List<Violation> violations = new ArrayList<>();
    history
        .byKey(
            OperationNames.CREATE,
            OperationNames.PERSIST,
            OperationNames.REPLACE,
            OperationNames.PERSIST_SUBSCRIBING,
            OperationNames.READ,
            OperationNames.READ_BY_NAME,
            OperationNames.READ_MANY)
        .forEach(
            (key, operations) ->
                problems(operations)
                    .forEach(problem -> violations.add(new Violation("Instance", key, problem))));
    return violations;
  }

  private static List<String> problems(List<Operation> operations) {
    InstanceChain chain = new InstanceChain(operations);
    if (operations.stream().noneMatch(one -> one.name().equals(OperationNames.REPLACE))) {
      return chain.problems();
    }
    List<String> ofReads = chain.problemsOfReads();
    if (!ofReads.isEmpty()) {
      return ofReads;
    }
    List<Operation> telling = operations.stream().filter(InstanceChecker::saysSomething).toList();
    return Linearizability.problem(new RevisionRegister(), telling).stream().toList();
  }

  /** A store that could not be asked tells nothing about the instance. */
  private static boolean saysSomething(Operation operation) {
    return operation.outcome() != Outcome.REFUSED
        || operation.isRefusedAs(DuplicateException.class)
        || operation.isRefusedAs(NotFoundException.class)
        || operation.isRefusedAs(StaleRevisionException.class);
  }
}
