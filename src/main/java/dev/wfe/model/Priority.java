package dev.wfe.model;

/**
 * In which order due instances of one definition are claimed: those of a higher priority first,
 * within a priority the one that has been due for longest.
 */
public enum Priority {
  /** Before all others. */
  HIGH(1),
  /** The default. */
  NORMAL(0),
  /** After all others. */
  LOW(-1);

  private final int number;

  Priority(int number) {
    this.number = number;
  }

  /** The number that the store contains; greater for a higher priority. */
  public int number() {
    return number;
  }
}
