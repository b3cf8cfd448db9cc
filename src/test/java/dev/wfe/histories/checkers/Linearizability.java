package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Searches for an order of the operations on one thing that explains all of their results: each
 * takes effect at one moment between its beginning and its end.
 *
 * <ol>
 *   <li>Next in the order can be any operation that began before every other one that is left had
 *       returned (Wing and Gong). One with an unknown outcome has no return, so it can come at any
 *       time after its beginning, and need not come at all.
 *   <li>What is possible and leaves the state as it is comes at once: later it would change nothing
 *       either.
 *   <li>The same operations done, leading to the same state, are looked at once (Lowe).
 * </ol>
 *
 * <p>Exact: the answer is an order, or that there is none. Not thread-safe.
 */
final class Linearizability<S> {
  /** More than any history needed by far; beyond it there is no answer, which is a failure. */
  private static final int MAX_POSITIONS = 5_000_000;

  private static final int SHOWN = 6;

  private final Specification<S> specification;
  private final List<Operation> operations;
  private final BitSet known = new BitSet();
  private final Set<Position<S>> seen = new HashSet<>();
  private @Nullable Frame<S> furthest;

  private Linearizability(Specification<S> specification, List<Operation> operations) {
    this.specification = specification;
    this.operations = new History(operations).operations();
    for (int i = 0; i < this.operations.size(); i++) {
      if (!this.operations.get(i).isUnknown()) {
        known.set(i);
      }
    }
  }

  /** Which operations are done, and what that led to. */
  private record Position<S>(BitSet done, S state) {}

  /** A position, how it was come to, and the steps from it that are still to be tried. */
  private record Frame<S>(
      Position<S> position, int length, int last, @Nullable Frame<S> before, Deque<Integer> next) {}

  /** Why no order explains the operations, in words; empty when one does. */
  static <S> Optional<String> problem(Specification<S> specification, List<Operation> operations) {
    return new Linearizability<>(specification, operations).search();
  }

  private Optional<String> search() {
    @Nullable Frame<S> frame = frame(new Position<>(new BitSet(), specification.start()), -1, null);
    while (frame != null) {
      if (isExplained(frame.position())) {
        return Optional.empty();
      }
      Integer step = frame.next().poll();
      if (step == null) {
        frame = frame.before();
        continue;
      }
      Position<S> reached = step(frame.position(), step);
      if (reached != null && seen.add(reached)) {
        if (seen.size() > MAX_POSITIONS) {
          throw new IllegalStateException("Not decided after %s positions".formatted(seen.size()));
        }
        frame = frame(reached, step, frame);
      }
    }
    return Optional.of(explanation());
  }

  private boolean isExplained(Position<S> position) {
    BitSet left = (BitSet) known.clone();
    left.andNot(position.done());
    return left.isEmpty();
  }

  private @Nullable Position<S> step(Position<S> position, int index) {
    Operation operation = operations.get(index);
    S state = specification.after(position.state(), operation);
    if (state == null || (operation.isUnknown() && state.equals(position.state()))) {
      return null;
    }
    BitSet done = (BitSet) position.done().clone();
    done.set(index);
    return new Position<>(done, state);
  }

  private Frame<S> frame(Position<S> position, int last, @Nullable Frame<S> before) {
    int length = before == null ? 0 : before.length() + 1;
    Frame<S> frame = new Frame<>(position, length, last, before, steps(position));
    if (furthest == null || knownIn(frame) > knownIn(furthest)) {
      furthest = frame;
    }
    return frame;
  }

  private int knownIn(Frame<S> frame) {
    BitSet done = (BitSet) frame.position().done().clone();
    done.and(known);
    return done.cardinality();
  }

  /** Known outcomes first. */
  private Deque<Integer> steps(Position<S> position) {
    Deque<Integer> steps = new ArrayDeque<>();
    List<Integer> unknown = new ArrayList<>();
    for (int index : candidates(position.done())) {
      Operation operation = operations.get(index);
      if (operation.isUnknown()) {
        unknown.add(index);
      } else if (position.state().equals(specification.after(position.state(), operation))) {
        return new ArrayDeque<>(List.of(index));
      } else {
        steps.add(index);
      }
    }
    steps.addAll(unknown);
    return steps;
  }

  /** In the order in which they began, until one of them had returned. */
  private List<Integer> candidates(BitSet done) {
    List<Integer> candidates = new ArrayList<>();
    long firstReturn = Operation.NEVER;
    for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
      Operation operation = operations.get(i);
      if (operation.invoked() > firstReturn) {
        break;
      }
      firstReturn = Math.min(firstReturn, operation.returned());
      candidates.add(i);
    }
    return candidates;
  }

  private String explanation() {
    Frame<S> end = furthest;
    if (end == null) {
      throw new IllegalStateException("Nothing was tried");
    }
    List<String> path = new ArrayList<>();
    for (Frame<S> at = end; at != null && at.last() >= 0 && path.size() < SHOWN; at = at.before()) {
      path.add(0, operations.get(at.last()).toString());
    }
    String next =
        candidates(end.position().done()).stream()
            .map(operations::get)
            .filter(operation -> !operation.isUnknown())
            .limit(SHOWN)
            .map(Operation::toString)
            .collect(Collectors.joining("; "));
    return "no order of its %s operations explains their results. The longest that can be explained is %s%s, which leaves it %s. Next would come, and cannot: %s"
        .formatted(
            operations.size(),
            end.length(),
            path.isEmpty() ? "" : ", ending with " + String.join("; ", path),
            end.position().state(),
            next);
  }
}
