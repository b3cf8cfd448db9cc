package dev.wfe.host;

/**
 * Of how many of its last iterations or items a block keeps the steps that have ended. Older ones
 * are deleted while the block is executed; it counts them. Immutable.
 */
public final class History implements LoopOption {
  /** Without this option. */
  static final History STANDARD = new History(100);

  private final int iterations;

  private History(int iterations) {
    this.iterations = iterations;
  }

  /**
   * Keeps the steps of the last iterations, and of some more for a while.
   *
   * @param iterations from 1 to 10,000
   */
  public static History last(int iterations) {
    if (iterations < 1 || iterations > 10_000) {
      throw new WorkflowDefinitionException(
          "A history has to be between 1 and 10,000 iterations, not " + iterations);
    }
    return new History(iterations);
  }

  int iterations() {
    return iterations;
  }
}
