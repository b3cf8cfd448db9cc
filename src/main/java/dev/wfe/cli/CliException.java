package dev.wfe.cli;

import org.jspecify.annotations.Nullable;

/** The program cannot go on; the message is for the person at the terminal. Thread-safe. */
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the program was asked to do makes no sense: arguments, or a line of the orders file. */
  static final int USAGE = 2;

  /** The work was done or begun, and what is in the database is not what it should be. */
  static final int DIFFERENT = 1;

  /** The database cannot be started, reached or set up. */
  static final int DATABASE = 3;

  private final int exitCode;

  CliException(int exitCode, String message) {
    this(exitCode, message, null);
  }

  CliException(int exitCode, @Nullable String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
