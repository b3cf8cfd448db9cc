package dev.wfe.cli.orders;

/** A worker met what trying again does not mend; the cause says what. Thread-safe. */
public final class HostFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HostFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
