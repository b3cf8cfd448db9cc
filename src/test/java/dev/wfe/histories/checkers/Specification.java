package dev.wfe.histories.checkers;

import dev.wfe.histories.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What a thing does when it is asked one at a time. An operation with a known outcome either leaves
 * every state in which it is possible as it is, or none, or leaves every later one as it is once it
 * has left one so: {@link Linearizability} relies on it.
 *
 * @param <S> its states: immutable, equal when they are the same
 */
interface Specification<S> {
  /** Before the first operation. */
  S start();

  /**
   * The state after the operation; null when it could not have ended so in this state. One whose
   * outcome is unknown is always possible.
   */
  @Nullable S after(S state, Operation operation);
}
