package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonValue;

/** The kind of a scheduled command. */
public enum CommandName {
  /** Execute the workflow whose id is the command's data. */
  PROCESS_WORKFLOW("ProcessWorkflow"),
  /** Deliver the event whose id is the command's data. */
  PROCESS_EVENT("ProcessEvent");

  private final String word;

  CommandName(String word) {
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
}
