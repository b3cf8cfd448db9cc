package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonValue;

/** Where an execution pointer stands. */
public enum PointerStatus {
  /** Waits to be executed. */
  PENDING("Pending"),
  /** Is being executed. */
  RUNNING("Running"),
  /** Ended well. */
  COMPLETE("Complete"),
  /** Was not needed. */
  SKIPPED("Skipped"),
  /** Waits for {@code sleepUntil}. */
  SLEEPING("Sleeping"),
  /** Waits for the event it subscribed to. */
  WAITING_FOR_EVENT("WaitingForEvent"),
  /** Ended with an error. */
  FAILED("Failed"),
  /** Its effects were undone. */
  COMPENSATED("Compensated"),
  /** Was given up before it ended. */
  CANCELLED("Cancelled"),
  /** Waits for the pointer before it. */
  PENDING_PREDECESSOR("PendingPredecessor");

  private final String word;

  PointerStatus(String word) {
    this.word = word;
  }

  /**
   * The word that stands in the store, shared with every other program on the same tables; also
   * what Jackson writes and reads.
   */
  @JsonValue
  public String word() {
    return word;
  }

  /** True when nothing more will happen to a pointer of this status. */
  public boolean isEnd() {
    return switch (this) {
      case COMPLETE, SKIPPED, COMPENSATED, CANCELLED, FAILED -> true;
      case PENDING, RUNNING, SLEEPING, WAITING_FOR_EVENT, PENDING_PREDECESSOR -> false;
    };
  }
}
