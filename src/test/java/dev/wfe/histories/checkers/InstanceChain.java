package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Outcome;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The writes of one instance in their order; see {@link InstanceChecker}. Not thread-safe. */
final class InstanceChain {
  /** What the first write is based on, and where those stand who found no instance. */
  private static final String NOTHING = "";

  private static final int BEFORE_ALL = -1;

  private final List<Operation> operations;
  private final Map<String, Operation> writes = new HashMap<>();
  private final Map<String, Operation> successors = new HashMap<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  /** Of the operations on one instance. */
  InstanceChain(List<Operation> operations) {
    this.operations = new History(operations).operations();
    for (Operation operation : operations) {
      if (isWrite(operation)) {
        writes.put(operation.argument("write"), operation);
      }
    }
  }

  /** Someone saw that the instance had come so far. */
  private record Sighting(Operation operation, int place) {}

  private static boolean isWrite(Operation operation) {
    return switch (operation.name()) {
      case OperationNames.CREATE,
          OperationNames.PERSIST,
          OperationNames.REPLACE,
          OperationNames.PERSIST_SUBSCRIBING ->
          true;
      default -> false;
    };
  }

  private static String baseOf(Operation write) {
    return write.argument("based");
  }

  private static String nameOf(Operation write) {
    return write.argument("write");
  }

  private static String readBy(Operation read) {
    return read.result().path("write").asText();
  }

  List<String> problems() {
    checkReads();
    if (problems.isEmpty()) {
      link();
    }
    if (problems.isEmpty()) {
      explainRefusals();
    }
    if (problems.isEmpty()) {
      checkOrder();
    }
    return problems;
  }

  /** Of what was read, whoever replaced what. */
  List<String> problemsOfReads() {
    checkReads();
    return problems;
  }

  private void checkReads() {
    for (Operation read : operations) {
      if (isWrite(read) || !read.isOk()) {
        continue;
      }
      Operation write = writes.get(readBy(read));
      if (write == null) {
        problems.add("read what nobody wrote: " + read);
      } else if (write.outcome() == Outcome.REFUSED) {
        problems.add("read what was refused: %s; read by %s".formatted(write, read));
      } else if (!write.argument("content").equals(read.result().path("content").asText())) {
        problems.add("read other than it was written: %s; read by %s".formatted(write, read));
      }
    }
  }

  /** Those that happened, each behind the one that it replaced. */
  private void link() {
    List<Operation> happened = happened();
    for (Operation write : happened) {
      Operation other = successors.putIfAbsent(baseOf(write), write);
      if (other != null) {
        problems.add(
            baseOf(write).isEmpty()
                ? "created twice: %s; %s".formatted(other, write)
                : "an update is lost, both replaced %s: %s; %s"
                    .formatted(writes.get(baseOf(write)), other, write));
      }
    }
    if (problems.isEmpty()) {
      place();
      for (Operation write : happened) {
        if (!places.containsKey(nameOf(write))) {
          problems.add("replaced what was never there: " + write);
        }
      }
    }
  }

  private List<Operation> happened() {
    Set<String> seen = new HashSet<>();
    for (Operation operation : operations) {
      if (operation.isOk()) {
        seen.add(isWrite(operation) ? nameOf(operation) : readBy(operation));
      }
    }
    for (Operation operation : operations) {
      if (isWrite(operation) && seen.contains(nameOf(operation))) {
        addBases(operation, seen);
      }
    }
    return operations.stream()
        .filter(operation -> isWrite(operation) && seen.contains(nameOf(operation)))
        .filter(operation -> operation.outcome() != Outcome.REFUSED)
        .toList();
  }

  private void addBases(Operation write, Set<String> seen) {
    Operation base = writes.get(baseOf(write));
    while (base != null && seen.add(nameOf(base))) {
      base = writes.get(baseOf(base));
    }
  }

  private void place() {
    places.clear();
    Operation write = successors.get(NOTHING);
    for (int place = 0; write != null; place++) {
      places.put(nameOf(write), place);
      write = successors.get(nameOf(write));
    }
  }

  /**
   * A refusal tells that a write was there before it ended. If none is known to have been, it was
   * an unknown one: the earliest of them, which forbids least. Nothing replaced that, so it is the
   * end of the chain.
   */
  private void explainRefusals() {
    for (Operation refused : operations) {
      String cause;
      if (refused.isRefusedAs(StaleRevisionException.class)) {
        cause = baseOf(refused);
      } else if (refused.isRefusedAs(DuplicateException.class)) {
        cause = NOTHING;
      } else {
        continue;
      }
      if (successors.containsKey(cause)) {
        continue;
      }
      Operation unknown =
          operations.stream()
              .filter(write -> isWrite(write) && write.isUnknown() && baseOf(write).equals(cause))
              .findFirst()
              .orElse(null);
      if (unknown == null) {
        problems.add("refused for a write that nobody made: " + refused);
      } else {
        successors.put(cause, unknown);
      }
    }
    place();
  }

  private void checkOrder() {
    PriorityQueue<Sighting> returning =
        new PriorityQueue<>(
            Comparator.comparingLong((Sighting sighting) -> sighting.operation().returned()));
    @Nullable Sighting latest = null;
    for (Operation operation : operations) {
      for (Sighting one = returning.peek();
          one != null && one.operation().isBefore(operation);
          one = returning.peek()) {
        latest = latest == null || one.place() > latest.place() ? one : latest;
        returning.remove();
      }
      if (latest != null) {
        checkAfter(latest, operation);
      }
      Integer place = leastPlace(operation);
      if (place != null && !operation.isUnknown()) {
        returning.add(new Sighting(operation, place));
      }
    }
  }

  private void checkAfter(Sighting latest, Operation operation) {
    Integer place = exactPlace(operation);
    if (place == null) {
      return;
    }
    boolean isWrite = isWrite(operation) && place != BEFORE_ALL;
    if (isWrite ? place <= latest.place() : place < latest.place()) {
      problems.add(
          "%s: write %s of the chain was known: %s; then %s: %s"
              .formatted(
                  isWrite ? "a write came too late" : "a read went back",
                  latest.place(),
                  latest.operation(),
                  place == BEFORE_ALL ? "there was none" : "came write " + place,
                  operation));
    }
  }

  /** Where the operation certainly stood; null when that is not known. */
  private @Nullable Integer exactPlace(Operation operation) {
    if (operation.isRefusedAs(NotFoundException.class)) {
      return BEFORE_ALL;
    }
    if (isWrite(operation)) {
      return operation.outcome() == Outcome.REFUSED ? null : places.get(nameOf(operation));
    }
    return operation.isOk() ? places.get(readBy(operation)) : null;
  }

  /** How far the instance had come at least when the operation ended; null when that is open. */
  private @Nullable Integer leastPlace(Operation operation) {
    if (operation.isRefusedAs(DuplicateException.class)) {
      return 0;
    }
    if (operation.isRefusedAs(StaleRevisionException.class)) {
      Integer base = places.get(baseOf(operation));
      return base == null ? null : base + 1;
    }
    return exactPlace(operation);
  }
}
