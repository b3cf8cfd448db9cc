package dev.wfe.histories.workload;

/** The workers of one round, wherever they run. Closing ends them at once. */
public interface Workers extends AutoCloseable {
  /**
   * Lets them finish what they are at, and waits for that.
   *
   * @throws Exception if one of them had failed: not by a refusal of the store, which is recorded
   */
  void stop() throws Exception;

  @Override
  void close();
}
