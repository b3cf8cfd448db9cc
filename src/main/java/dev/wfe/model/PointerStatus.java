package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonValue;

/** The status of an execution pointer. */
public enum PointerStatus {
  /** Waits to be executed. */
  PENDING("Pending"),
  /** Is being executed. */
  RUNNING("Running"),
  /** Ended successfully. */
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
  /** Was cancelled before it ended. */
  CANCELLED("Cancelled"),
  /** Waits for the pointer before it. */
  PENDING_PREDECESSOR("PendingPredecessor");

  private final String word;

  PointerStatus(String word) {
    this.word = word;
  }

  /**
   * The word that the store contains and Jackson writes and reads. Other programs on the same
   * tables use it too.
   */
  @JsonValue
  public String word() {
    return word;
  }

  /** True if this status is final. */
  public boolean isEnd() {
    return switch (this) {
      case COMPLETE, SKIPPED, COMPENSATED, CANCELLED, FAILED -> true;
      case PENDING, RUNNING, SLEEPING, WAITING_FOR_EVENT, PENDING_PREDECESSOR -> false;
    };
  }
}
