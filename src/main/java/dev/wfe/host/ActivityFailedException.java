package dev.wfe.host;

/** A worker reported that an activity failed, or no result came in time. */
public final class ActivityFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with the worker's message. */
  public ActivityFailedException(String message) {
    super(message);
  }
}
