package dev.wfe.histories;

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
 */
final class TokenChecker implements Checker {
  @Override
  public List<Violation> check(History history) {
    List<Operation> operations =
        Stream.concat(
                history
                    .of(
                        Verbs.SUBSCRIBE,
                        Verbs.TERMINATE,
                        Verbs.SET_TOKEN,
                        Verbs.CLEAR_TOKEN,
                        Verbs.READ_SUBSCRIPTION)
                    .stream()
                    .filter(TokenChecker::saysSomething),
                history.of(Verbs.PERSIST_SUBSCRIBING).stream()
                    .filter(operation -> operation.isOk() || operation.isUnknown())
                    .map(operation -> operation.withKey(operation.argument("subscription"))))
            .toList();
    List<Violation> violations = new ArrayList<>();
    History.byKey(operations)
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
}
