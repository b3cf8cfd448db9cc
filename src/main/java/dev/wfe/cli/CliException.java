package dev.wfe.cli;

import org.jspecify.annotations.Nullable;

/** The program has to stop; its message is printed to the terminal. Thread-safe. */
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Exit code: an argument or a line of the orders file is invalid. */
  static final int USAGE = 2;

  /** Exit code: the run failed, or the database does not contain what is expected. */
  static final int DIFFERENT = 1;

  /** Exit code: the database cannot be started, reached or set up. */
  static final int DATABASE = 3;

  /** Exit code: there is no such workflow, subscription or step. */
  static final int UNKNOWN = 4;

  /** Exit code: a change was not confirmed. */
  static final int NOT_CONFIRMED = 5;

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
