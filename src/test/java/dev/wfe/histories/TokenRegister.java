package dev.wfe.histories;

import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.TokenMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as a register that holds a token or none: set and clear are compare-and-set. It
 * begins with its creation and ends with its termination. Tokens here never expire.
 */
final class TokenRegister implements Specification<TokenRegister.State> {
  private static final State ABSENT = new State(false, null);
  private static final State FREE = new State(true, null);

  /** Whether there is a subscription, and the token that it is held under. */
  record State(boolean exists, @Nullable String token) {
    @Override
    public String toString() {
      return exists ? (token == null ? "free" : "held under " + token) : "absent";
    }
  }

  @Override
  public State start() {
    return ABSENT;
  }

  @Override
  public @Nullable State after(State state, Operation operation) {
    return switch (operation.verb()) {
      case Verbs.SUBSCRIBE, Verbs.PERSIST_SUBSCRIBING ->
          changed(
              state, operation, !state.exists(), FREE, DuplicateException.class, state.exists());
      case Verbs.TERMINATE ->
          changed(
              state, operation, state.exists(), ABSENT, NotFoundException.class, !state.exists());
      case Verbs.SET_TOKEN -> afterSet(state, operation);
      case Verbs.CLEAR_TOKEN -> afterClear(state, operation);
      case Verbs.READ_SUBSCRIPTION -> afterRead(state, operation);
      default -> throw new IllegalArgumentException(operation.verb());
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
    State held = new State(true, operation.argument("token"));
    boolean possible = state.equals(FREE);
    if (operation.isUnknown()) {
      return possible ? held : state;
    }
    if (operation.isOk() && operation.result().asBoolean()) {
      return possible ? held : null;
    }
    if (operation.isOk()) {
      return state.token() != null ? state : null;
    }
    return operation.isRefusedAs(NotFoundException.class) && !state.exists() ? state : null;
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
      return state.equals(new State(true, token)) ? state : null;
    }
    return operation.isRefusedAs(NotFoundException.class) && !state.exists() ? state : null;
  }
}
