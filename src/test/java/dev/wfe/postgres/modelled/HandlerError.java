package dev.wfe.postgres.modelled;

/** An error that a handler throws, although handlers should throw exceptions only. */
final class HandlerError extends Error {
  private static final long serialVersionUID = 1L;

  HandlerError() {
    super("the handler broke");
  }
}
