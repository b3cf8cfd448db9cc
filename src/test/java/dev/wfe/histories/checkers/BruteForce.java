package dev.wfe.histories.checkers;

import dev.wfe.histories.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides the same as {@link Linearizability} by trying every order of all operations, with each
 * choice of the unknown ones. Only for a few operations.
 */
final class BruteForce {
  private BruteForce() {}

  static <S> boolean isExplained(Specification<S> specification, List<Operation> operations) {
    List<Operation> known =
        operations.stream().filter(operation -> !operation.isUnknown()).toList();
    List<Operation> unknown = operations.stream().filter(Operation::isUnknown).toList();
    for (int choice = 0; choice < 1 << unknown.size(); choice++) {
      List<Operation> chosen = new ArrayList<>(known);
      for (int i = 0; i < unknown.size(); i++) {
        if ((choice & 1 << i) != 0) {
          chosen.add(unknown.get(i));
        }
      }
      if (someOrder(specification, new ArrayList<>(), chosen)) {
        return true;
      }
    }
    return false;
  }

  private static <S> boolean someOrder(
      Specification<S> specification, List<Operation> order, List<Operation> left) {
    if (left.isEmpty()) {
      return isInTime(order) && isPossible(specification, order);
    }
    for (Operation next : left) {
      List<Operation> longer = new ArrayList<>(order);
      longer.add(next);
      List<Operation> fewer = new ArrayList<>(left);
      fewer.remove(next);
      if (someOrder(specification, longer, fewer)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isInTime(List<Operation> order) {
    for (int i = 0; i < order.size(); i++) {
      for (int j = i + 1; j < order.size(); j++) {
        if (order.get(j).isBefore(order.get(i))) {
          return false;
        }
      }
    }
    return true;
  }

  private static <S> boolean isPossible(Specification<S> specification, List<Operation> order) {
    @Nullable S state = specification.start();
    for (Operation operation : order) {
      state = specification.after(state, operation);
      if (state == null) {
        return false;
      }
    }
    return true;
  }
}
