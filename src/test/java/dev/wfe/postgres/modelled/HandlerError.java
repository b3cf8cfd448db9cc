package dev.wfe.postgres.modelled;

/** Thrown by a handler that fails as handlers should not. */
final class HandlerError extends Error {
  private static final long serialVersionUID = 1L;

  HandlerError() {
    super("the handler broke");
  }
}
