package dev.wfe.histories;

/** A failure that is injected while workers use a store. */
public interface Fault {
  /** Its name in the counts. */
  String name();

  /**
   * Makes it happen once, and returns when it is over, or goes on by itself.
   *
   * @throws Exception if it cannot be made to happen, which fails the run
   */
  void inject() throws Exception;
}
