package dev.wfe.histories;

/** Something that goes wrong around a store while workers work. */
public interface Fault {
  /** What it is, in words, as it is counted. */
  String name();

  /**
   * Makes it happen once, and returns when it is over, or goes on by itself.
   *
   * @throws Exception if it cannot be made to happen, which fails the run
   */
  void strike() throws Exception;
}
