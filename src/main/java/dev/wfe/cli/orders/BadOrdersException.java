package dev.wfe.cli.orders;

import org.jspecify.annotations.Nullable;

/** The orders file is invalid; the message says what is wrong and in which line. Thread-safe. */
public final class BadOrdersException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadOrdersException(String message) {
    this(message, null);
  }

  BadOrdersException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
