package dev.wfe.host;

/**
 * How many items of {@link Steps#forEach} are under way at a time, in one workflow. Without this
 * option, they follow each other. Immutable.
 */
public final class Concurrency implements LoopOption {
  private final int limit;

  private Concurrency(int limit) {
    this.limit = limit;
  }

  /**
   * Limits them.
   *
   * @param limit from 1 to 1,000
   */
  public static Concurrency of(int limit) {
    if (limit < 1 || limit > 1_000) {
      throw new WorkflowDefinitionException(
          "A concurrency has to be between 1 and 1,000, not " + limit);
    }
    return new Concurrency(limit);
  }

  int limit() {
    return limit;
  }
}
