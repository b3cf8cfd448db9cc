package dev.wfe.histories.checkers;

import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.persistence.NotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * Whether an event is processed, as a register. Marking calls write to it, and so does every
 * subscription that covers the event. Marking an event that is already processed writes too,
 * because another write may come in between.
 */
final class ProcessedRegister implements Specification<ProcessedRegister.State> {
  /** Whether there is an event, whether it is processed, and who wrote that. */
  record State(boolean exists, boolean processed, String by) {
    @Override
    public String toString() {
      return exists ? (processed ? "processed by " : "unprocessed by ") + by : "absent";
    }
  }

  @Override
  public State start() {
    return new State(false, false, "");
  }

  @Override
  public @Nullable State after(State state, Operation operation) {
    if (operation.isRefusedAs(NotFoundException.class)) {
      return state.exists() ? null : state;
    }
    return switch (operation.name()) {
      case OperationNames.PUBLISH -> afterPublish(state, operation);
      case OperationNames.MARK_PROCESSED -> afterMark(state, operation);
      case OperationNames.MARK_UNPROCESSED -> {
        State unmarked = new State(true, false, operation.id());
        yield state.exists() ? unmarked : operation.isUnknown() ? state : null;
      }
      // One that comes before the event changes nothing of it.
      case OperationNames.SUBSCRIBE, OperationNames.PERSIST_SUBSCRIBING ->
          new State(state.exists(), false, operation.id());
      case OperationNames.READ_EVENT -> afterRead(state, operation);
      default -> throw new IllegalArgumentException(operation.name());
    };
  }

  private static @Nullable State afterPublish(State state, Operation operation) {
    if (state.exists()) {
      return operation.isUnknown() ? state : null;
    }
    return new State(true, false, operation.id());
  }

  /** One that is refused, because a subscription is open, leaves it as it is. */
  private static @Nullable State afterMark(State state, Operation operation) {
    if (!state.exists()) {
      return operation.isUnknown() ? state : null;
    }
    boolean isRefused = operation.isOk() && !operation.result().asBoolean();
    return isRefused ? state : new State(true, true, operation.id());
  }

  private static @Nullable State afterRead(State state, Operation operation) {
    if (operation.isUnknown()) {
      return state;
    }
    return state.exists() && state.processed() == operation.result().asBoolean() ? state : null;
  }
}
