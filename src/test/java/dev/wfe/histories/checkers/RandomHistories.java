package dev.wfe.histories.checkers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Outcome;
import dev.wfe.histories.workload.InstanceActions;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.TokenMismatchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Small histories: some possible, some impossible. */
final class RandomHistories {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_OPERATIONS = 6;
  private static final int LENGTH = 25;
  private static final String KEY = "k";

  private RandomHistories() {}

  /** What each asks and is answered is any of what there is. */
  static List<Operation> ofTokens(Random random) {
    List<Operation> operations = new ArrayList<>();
    operations.add(
        operation("0", OperationNames.SUBSCRIBE, Map.of(), 0, 1, Outcome.OK, JSON.nullNode()));
    int count = 2 + random.nextInt(MAX_OPERATIONS - 2);
    for (int i = 1; i < count; i++) {
      long from = random.nextInt(LENGTH);
      operations.add(ofToken(Integer.toString(i), from, from + random.nextInt(LENGTH), random));
    }
    return TokenChecker.withExpiries(operations, 1);
  }

  private static Operation ofToken(String id, long from, long to, Random random) {
    String name =
        List.of(
                OperationNames.SET_TOKEN,
                OperationNames.SET_TOKEN_FOR,
                OperationNames.CLEAR_TOKEN,
                OperationNames.READ_SUBSCRIPTION,
                OperationNames.TERMINATE)
            .get(random.nextInt(5));
    // What ends by itself is set once.
    String token =
        name.equals(OperationNames.SET_TOKEN_FOR)
            ? "for a time " + id
            : name.equals(OperationNames.SET_TOKEN)
                ? List.of("a", "b").get(random.nextInt(2))
                : List.of("a", "b", "for a time 1", "for a time 2").get(random.nextInt(4));
    Map<String, String> arguments =
        Map.of("token", token, "nanos", Integer.toString(random.nextInt(LENGTH)));
    if (random.nextInt(5) == 0) {
      return operation(
          id, name, arguments, from, Operation.NEVER, Outcome.UNKNOWN, TextNode.valueOf("?"));
    }
    if (random.nextInt(8) == 0) {
      return refused(id, name, arguments, from, to, NotFoundException.class);
    }
    if (name.equals(OperationNames.CLEAR_TOKEN) && random.nextBoolean()) {
      return refused(id, name, arguments, from, to, TokenMismatchException.class);
    }
    @Nullable Object result =
        switch (name) {
          case OperationNames.SET_TOKEN, OperationNames.SET_TOKEN_FOR -> random.nextBoolean();
          case OperationNames.READ_SUBSCRIPTION -> random.nextBoolean() ? token : null;
          default -> null;
        };
    return operation(id, name, arguments, from, to, Outcome.OK, JSON.valueToTree(result));
  }

  /**
   * Takes effect one after the other on a true register; then something is changed in half of them.
   */
  static List<Operation> ofInstances(Random random) {
    List<Operation> operations = new ArrayList<>();
    String state = "";
    int count = 3 + random.nextInt(MAX_OPERATIONS - 2);
    for (int i = 0; i < count; i++) {
      long effect = 10L * i;
      long from = effect - random.nextInt(LENGTH);
      long to = effect + random.nextInt(LENGTH);
      Operation asked = ofInstance("w" + i, from, random, operations);
      Operation answered = answered(asked, to, state);
      boolean isUnknown = !asked.arguments().isEmpty() && random.nextInt(4) == 0;
      boolean happened = answered.isOk() && !asked.arguments().isEmpty();
      operations.add(isUnknown ? asked : answered);
      if (happened && !(isUnknown && random.nextBoolean())) {
        state = asked.argument("write");
      }
    }
    if (random.nextBoolean()) {
      int one = random.nextInt(count);
      operations.set(one, changed(operations.get(one), operations, random));
    }
    return operations;
  }

  /** With an outcome that is unknown still. */
  private static Operation ofInstance(
      String name, long from, Random random, List<Operation> before) {
    List<String> seen = seenBefore(from, before);
    int choice = random.nextInt(10);
    String called;
    Map<String, String> arguments = Map.of();
    if (choice < 2 || before.isEmpty()) {
      called = OperationNames.CREATE;
      arguments = Map.of("write", name, "based", "", "content", name);
    } else if (choice < 5 || seen.isEmpty()) {
      called = OperationNames.READ;
    } else if (choice < 7) {
      called = OperationNames.REPLACE;
      arguments = Map.of("write", name, "based", InstanceActions.ANYTHING, "content", name);
    } else {
      called = OperationNames.PERSIST;
      String base = seen.get(random.nextInt(seen.size()));
      arguments = Map.of("write", name, "based", base, "content", name);
    }
    return operation(
        name, called, arguments, from, Operation.NEVER, Outcome.UNKNOWN, TextNode.valueOf("?"));
  }

  private static Operation answered(Operation asked, long to, String state) {
    if (asked.name().equals(OperationNames.READ)) {
      return state.isEmpty()
          ? refused(asked, to, NotFoundException.class)
          : ok(asked, to, JSON.valueToTree(Map.of("write", state, "content", state)));
    }
    boolean replaces =
        asked.name().equals(OperationNames.REPLACE)
            ? !state.isEmpty()
            : asked.argument("based").equals(state);
    if (replaces) {
      return ok(asked, to, JSON.nullNode());
    }
    if (asked.name().equals(OperationNames.CREATE)) {
      return refused(asked, to, DuplicateException.class);
    }
    return refused(
        asked, to, state.isEmpty() ? NotFoundException.class : StaleRevisionException.class);
  }

  private static Operation changed(Operation operation, List<Operation> all, Random random) {
    String other = "w" + random.nextInt(all.size());
    return switch (random.nextInt(3)) {
      case 0 -> operation.since(random.nextInt(2 * LENGTH) - LENGTH);
      case 1 ->
          operation.name().equals(OperationNames.READ)
              ? ok(
                  operation,
                  operation.invoked() + 1,
                  JSON.valueToTree(Map.of("write", other, "content", other)))
              : ok(operation, operation.invoked() + random.nextInt(LENGTH), JSON.nullNode());
      default ->
          refused(
              operation,
              operation.invoked() + random.nextInt(LENGTH),
              operation.name().equals(OperationNames.CREATE)
                  ? DuplicateException.class
                  : operation.name().equals(OperationNames.PERSIST)
                      ? StaleRevisionException.class
                      : NotFoundException.class);
    };
  }

  private static List<String> seenBefore(long moment, List<Operation> operations) {
    return operations.stream()
        .filter(operation -> operation.isOk() && operation.returned() < moment)
        .map(
            operation ->
                operation.arguments().isEmpty()
                    ? operation.result().path("write").asText()
                    : operation.argument("write"))
        .distinct()
        .toList();
  }

  /** What the checker of instances asks of a history. */
  static boolean basesWereSeen(List<Operation> operations) {
    return operations.stream()
        .filter(operation -> operation.name().equals(OperationNames.PERSIST))
        .allMatch(
            operation ->
                seenBefore(operation.invoked(), operations).contains(operation.argument("based")));
  }

  private static Operation operation(
      String id,
      String name,
      Map<String, String> arguments,
      long from,
      long to,
      Outcome outcome,
      JsonNode result) {
    return new Operation(id, name, KEY, JSON.valueToTree(arguments), from, to, outcome, result);
  }

  private static Operation ok(Operation asked, long to, JsonNode result) {
    return new Operation(
        asked.id(),
        asked.name(),
        asked.key(),
        asked.arguments(),
        asked.invoked(),
        to,
        Outcome.OK,
        result);
  }

  private static Operation refused(Operation asked, long to, Class<? extends Exception> refusal) {
    return new Operation(
        asked.id(),
        asked.name(),
        asked.key(),
        asked.arguments(),
        asked.invoked(),
        to,
        Outcome.REFUSED,
        TextNode.valueOf(refusal.getSimpleName()));
  }

  private static Operation refused(
      String id,
      String name,
      Map<String, String> arguments,
      long from,
      long to,
      Class<? extends Exception> refusal) {
    return operation(
        id, name, arguments, from, to, Outcome.REFUSED, TextNode.valueOf(refusal.getSimpleName()));
  }
}
