package dev.wfe.histories.checkers;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Outcome;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.TokenMismatchException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Each subscription, from its creation to its termination, is linearizable as a {@link
 * TokenRegister}: of any number of contenders exactly one takes hold of it, and only the holder's
 * token lets go.
 *
 * <p>A hold for a time ends by itself, that time after a moment within the call that took it; by
 * the clock of the server, which goes as fast as ours. Where that may be before the call had
 * returned, or the outcome is unknown, it can end at any time from then on.
 */
public final class TokenChecker implements Checker {
  /** The server counts microseconds, and its clock is being set right while it runs. */
  private static final long TOLERANCE_NANOS = 2_000_000;

  @Override
  public List<Violation> check(History history) {
    List<Operation> operations =
        Stream.concat(
                history
                    .of(
                        OperationNames.SUBSCRIBE,
                        OperationNames.TERMINATE,
                        OperationNames.SET_TOKEN,
                        OperationNames.SET_TOKEN_FOR,
                        OperationNames.CLEAR_TOKEN,
                        OperationNames.READ_SUBSCRIPTION)
                    .stream()
                    .filter(TokenChecker::saysSomething),
                history.of(OperationNames.PERSIST_SUBSCRIBING).stream()
                    .filter(operation -> operation.isOk() || operation.isUnknown())
                    .map(operation -> operation.withKey(operation.argument("subscription"))))
            .toList();
    List<Violation> violations = new ArrayList<>();
    History.byKey(withExpiries(operations, TOLERANCE_NANOS))
        .forEach(
            (key, ofOne) ->
                Linearizability.problem(new TokenRegister(), ofOne)
                    .ifPresent(
                        problem -> violations.add(new Violation("Token register", key, problem))));
    return violations;
  }

  /** A store that could not be asked tells nothing about the subscription. */
  private static boolean saysSomething(Operation operation) {
    return operation.outcome() != Outcome.REFUSED
        || operation.isRefusedAs(DuplicateException.class)
        || operation.isRefusedAs(NotFoundException.class)
        || operation.isRefusedAs(TokenMismatchException.class);
  }

  /** And the ends of the holds for a time, as operations of their own. */
  static List<Operation> withExpiries(List<Operation> operations, long toleranceNanos) {
    List<Operation> all = new ArrayList<>(operations);
    for (Operation operation : operations) {
      boolean tookHold =
          operation.isUnknown() || (operation.isOk() && operation.result().asBoolean());
      if (operation.name().equals(OperationNames.SET_TOKEN_FOR) && tookHold) {
        all.add(expiry(operation, toleranceNanos));
      }
    }
    return all;
  }

  private static Operation expiry(Operation set, long toleranceNanos) {
    long hold = Long.parseLong(set.argument("nanos"));
    long from = set.invoked() + hold - toleranceNanos;
    boolean isKnown = set.isOk() && from > set.returned();
    return new Operation(
        "the end of " + set.id(),
        OperationNames.EXPIRE,
        set.key(),
        set.arguments(),
        Math.max(from, set.invoked()),
        isKnown ? set.returned() + hold + toleranceNanos : Operation.NEVER,
        isKnown ? Outcome.OK : Outcome.UNKNOWN,
        NullNode.getInstance());
  }
}
