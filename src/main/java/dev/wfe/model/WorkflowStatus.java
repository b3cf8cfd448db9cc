package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonValue;

/** Where a workflow instance stands. */
public enum WorkflowStatus {
  /** May be executed once its {@code nextExecution} has come. */
  RUNNABLE("Runnable"),
  /** Stopped by an operator until resumed. */
  SUSPENDED("Suspended"),
  /** Ended by itself. */
  COMPLETE("Complete"),
  /** Ended by an operator. */
  TERMINATED("Terminated");

  private final String word;

  WorkflowStatus(String word) {
    this.word = word;
  }

  /** Whether the instance has ended: COMPLETE or TERMINATED. */
  public boolean isEnded() {
    return this == COMPLETE || this == TERMINATED;
  }

  /**
   * The word that stands in the store, shared with every other program on the same tables; also
   * what Jackson writes and reads.
   */
  @JsonValue
  public String word() {
    return word;
  }
}
