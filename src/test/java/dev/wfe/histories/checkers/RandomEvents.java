package dev.wfe.histories.checkers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.histories.Operation;
import dev.wfe.histories.Outcome;
import dev.wfe.histories.Verbs;
import dev.wfe.persistence.NotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small histories of one event, some of which can have happened and some cannot. */
final class RandomEvents {
  private static final int MAX_OPERATIONS = 6;
  private static final int LENGTH = 25;
  private static final List<String> VERBS =
      List.of(
          Verbs.MARK_PROCESSED,
          Verbs.MARK_PROCESSED,
          Verbs.MARK_UNPROCESSED,
          Verbs.SUBSCRIBE,
          Verbs.READ_EVENT,
          Verbs.READ_EVENT);

  private RandomEvents() {}

  /** What each asks and is answered is any of what there is. */
  static List<Operation> of(Random random) {
    List<Operation> operations = new ArrayList<>();
    operations.add(
        operation("0", Verbs.PUBLISH, 0, random.nextInt(9), Outcome.OK, NullNode.instance));
    int count = 2 + random.nextInt(MAX_OPERATIONS - 2);
    for (int i = 1; i < count; i++) {
      String verb = VERBS.get(random.nextInt(VERBS.size()));
      operations.add(answered(Integer.toString(i), verb, random));
    }
    return operations;
  }

  private static Operation answered(String id, String verb, Random random) {
    long from = random.nextInt(LENGTH);
    long to = from + random.nextInt(LENGTH);
    if (random.nextInt(5) == 0) {
      return operation(id, verb, from, Operation.NEVER, Outcome.UNKNOWN, TextNode.valueOf("?"));
    }
    if (random.nextInt(10) == 0 && !verb.equals(Verbs.SUBSCRIBE)) {
      return operation(
          id,
          verb,
          from,
          to,
          Outcome.REFUSED,
          TextNode.valueOf(NotFoundException.class.getSimpleName()));
    }
    return operation(id, verb, from, to, Outcome.OK, BooleanNode.valueOf(random.nextBoolean()));
  }

  private static Operation operation(
      String id, String verb, long from, long to, Outcome outcome, JsonNode result) {
    return new Operation(
        id, verb, "e", JsonNodeFactory.instance.objectNode(), from, to, outcome, result);
  }
}
