package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.ExecutionPointer;
import org.jspecify.annotations.Nullable;

/**
 * What a block remembers while the steps that it contains are executed; stored with its pointer.
 * Immutable.
 *
 * @param open how many branches, iterations or items are under way
 * @param begun how many have begun
 * @param trimmed of how many the steps were deleted
 */
record BlockState(int open, int begun, int trimmed) {
  private static final String OPEN = "open";
  private static final String BEGUN = "begun";
  private static final String TRIMMED = "trimmed";

  static final BlockState NEW = new BlockState(0, 0, 0);

  /** The state that is stored with the pointer; null if the block has not begun. */
  static @Nullable BlockState of(ExecutionPointer pointer) {
    JsonNode json = pointer.persistenceData();
    return json == null
        ? null
        : new BlockState(
            json.path(OPEN).asInt(), json.path(BEGUN).asInt(), json.path(TRIMMED).asInt());
  }

  ExecutionPointer.Builder putInto(ExecutionPointer.Builder pointer) {
    return pointer.persistenceData(
        JsonNodeFactory.instance
            .objectNode()
            .put(OPEN, open)
            .put(BEGUN, begun)
            .put(TRIMMED, trimmed));
  }

  /** The given number more are under way. */
  BlockState opened(int more) {
    return new BlockState(open + more, begun + more, trimmed);
  }

  /** One that was under way has ended. */
  BlockState closed() {
    return new BlockState(open - 1, begun, trimmed);
  }

  BlockState trimmed(int all) {
    return new BlockState(open, begun, all);
  }
}
