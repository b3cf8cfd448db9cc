package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonValue;

/** What a scheduled command asks for. */
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
   * The word that stands in the store, shared with every other program on the same tables; also
   * what Jackson writes and reads.
   */
  @JsonValue
  public String word() {
    return word;
  }
}
