package dev.wfe.histories.checkers;

import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.TokenMismatchException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as a register that holds a token or none, with compare-and-set. It begins with the
 * creation and ends with the termination. An expired token remains until another is set, and its
 * holder can clear it. No token is set twice.
 */
final class TokenRegister implements Specification<TokenRegister.State> {
  private static final State ABSENT = new State(false, null, false);
  private static final State FREE = new State(true, null, false);

  /** Whether there is a subscription, the token that it is held under, and whether that is over. */
  record State(boolean exists, @Nullable String token, boolean expired) {
    static State held(String token) {
      return new State(true, token, false);
    }

    boolean isHeld() {
      return token != null && !expired;
    }

    @Override
    public String toString() {
      if (!exists) {
        return "absent";
      }
      return token == null ? "free" : (expired ? "expired under " : "held under ") + token;
    }
  }

  @Override
  public State start() {
    return ABSENT;
  }

  @Override
  public @Nullable State after(State state, Operation operation) {
    return switch (operation.name()) {
      case OperationNames.SUBSCRIBE, OperationNames.PERSIST_SUBSCRIBING ->
          changed(
              state, operation, !state.exists(), FREE, DuplicateException.class, state.exists());
      case OperationNames.TERMINATE ->
          changed(
              state, operation, state.exists(), ABSENT, NotFoundException.class, !state.exists());
      case OperationNames.SET_TOKEN, OperationNames.SET_TOKEN_FOR -> afterSet(state, operation);
      case OperationNames.EXPIRE -> afterExpiry(state, operation.argument("token"));
      case OperationNames.CLEAR_TOKEN -> afterClear(state, operation);
      case OperationNames.READ_SUBSCRIPTION -> afterRead(state, operation);
      default -> throw new IllegalArgumentException(operation.name());
    };
  }

  /** Done, and then changed, or refused, and then as it was, each where it is possible. */
  private static @Nullable State changed(
      State state,
      Operation operation,
      boolean possible,
      State changed,
      Class<? extends Exception> refusal,
      boolean refusable) {
    if (operation.isUnknown()) {
      return possible ? changed : state;
    }
    if (operation.isOk()) {
      return possible ? changed : null;
    }
    return operation.isRefusedAs(refusal) && refusable ? state : null;
  }

  private static @Nullable State afterSet(State state, Operation operation) {
    State held = State.held(operation.argument("token"));
    boolean possible = state.exists() && !state.isHeld();
    if (operation.isUnknown()) {
      return possible ? held : state;
    }
    if (operation.isOk() && operation.result().asBoolean()) {
      return possible ? held : null;
    }
    if (operation.isOk()) {
      return state.isHeld() ? state : null;
    }
    return operation.isRefusedAs(NotFoundException.class) && !state.exists() ? state : null;
  }

  private static State afterExpiry(State state, String token) {
    return token.equals(state.token()) ? new State(true, token, true) : state;
  }

  private static @Nullable State afterClear(State state, Operation operation) {
    boolean possible = operation.argument("token").equals(state.token());
    if (operation.isUnknown()) {
      return possible ? FREE : state;
    }
    if (operation.isOk()) {
      return possible ? FREE : null;
    }
    if (operation.isRefusedAs(TokenMismatchException.class)) {
      return state.exists() && !possible ? state : null;
    }
    return operation.isRefusedAs(NotFoundException.class) && !state.exists() ? state : null;
  }

  private static @Nullable State afterRead(State state, Operation operation) {
    if (operation.isUnknown()) {
      return state;
    }
    if (operation.isOk()) {
      String token = operation.result().isNull() ? null : operation.result().asText();
      return state.exists() && Objects.equals(state.token(), token) ? state : null;
    }
    return operation.isRefusedAs(NotFoundException.class) && !state.exists() ? state : null;
  }
}
