package dev.wfe.histories;

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
 * <p>Holds for histories in which a write's base was read, or its writing had returned, before the
 * write began: whoever persists has it from the store.
 */
final class InstanceChecker implements Checker {
  @Override
  public List<Violation> check(History history) {
    List<Violation> violations = new ArrayList<>();
    history
        .byKey(
            Verbs.CREATE,
            Verbs.PERSIST,
            Verbs.PERSIST_SUBSCRIBING,
            Verbs.READ,
            Verbs.READ_BY_NAME,
            Verbs.READ_MANY)
        .forEach(
            (key, operations) ->
                new InstanceChain(operations)
                    .problems()
                    .forEach(problem -> violations.add(new Violation("Instance", key, problem))));
    return violations;
  }
}
