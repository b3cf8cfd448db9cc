package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonValue;

/** The status of a workflow instance. */
public enum WorkflowStatus {
  /** Is executed when its {@code nextExecution} is reached. */
  RUNNABLE("Runnable"),
  /** Stopped by an operator until resumed. */
  SUSPENDED("Suspended"),
  /** Ended normally. */
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
   * The word that the store contains and Jackson writes and reads. Other programs on the same
   * tables use it too.
   */
  @JsonValue
  public String word() {
    return word;
  }
}
