package dev.wfe.host;

/** What a {@link Schedule} does if the workflow that it started last has not ended. */
public enum Overlap implements ScheduleOption {
  /** It starts another one. This is the default. */
  ALLOW,

  /**
   * It starts nothing at this time, and looks again at the next one. A suspended workflow has not
   * ended.
   */
  SKIP
}
