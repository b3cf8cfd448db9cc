package dev.wfe.cli.orders;

/** The processing of orders has failed for good; the cause is the failure. Thread-safe. */
public final class HostFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HostFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
