package dev.wfe.histories.checkers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Outcome;
import dev.wfe.persistence.NotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small histories of one event: some possible, some impossible. */
final class RandomEvents {
  private static final int MAX_OPERATIONS = 6;
  private static final int LENGTH = 25;
  private static final List<String> NAMES =
      List.of(
          OperationNames.MARK_PROCESSED,
          OperationNames.MARK_PROCESSED,
          OperationNames.MARK_UNPROCESSED,
          OperationNames.SUBSCRIBE,
          OperationNames.READ_EVENT,
          OperationNames.READ_EVENT);

  private RandomEvents() {}

  /** What each asks and is answered is any of what there is. */
  static List<Operation> of(Random random) {
    List<Operation> operations = new ArrayList<>();
    operations.add(
        operation(
            "0", OperationNames.PUBLISH, 0, random.nextInt(9), Outcome.OK, NullNode.instance));
    int count = 2 + random.nextInt(MAX_OPERATIONS - 2);
    for (int i = 1; i < count; i++) {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      operations.add(answered(Integer.toString(i), name, random));
    }
    return operations;
  }

  private static Operation answered(String id, String name, Random random) {
    long from = random.nextInt(LENGTH);
    long to = from + random.nextInt(LENGTH);
    if (random.nextInt(5) == 0) {
      return operation(id, name, from, Operation.NEVER, Outcome.UNKNOWN, TextNode.valueOf("?"));
    }
    if (random.nextInt(10) == 0 && !name.equals(OperationNames.SUBSCRIBE)) {
      return operation(
          id,
          name,
          from,
          to,
          Outcome.REFUSED,
          TextNode.valueOf(NotFoundException.class.getSimpleName()));
    }
    return operation(id, name, from, to, Outcome.OK, BooleanNode.valueOf(random.nextBoolean()));
  }

  private static Operation operation(
      String id, String name, long from, long to, Outcome outcome, JsonNode result) {
    return new Operation(
        id, name, "e", JsonNodeFactory.instance.objectNode(), from, to, outcome, result);
  }
}
