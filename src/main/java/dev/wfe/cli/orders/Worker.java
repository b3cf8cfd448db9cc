package dev.wfe.cli.orders;

/**
 * Does one kind of work in small parts. Called by one thread at a time; any number of workers of
 * the same kind can run, in this program and in others.
 */
@FunctionalInterface
interface Worker {
  /**
   * Does the available work, or a part of it.
   *
   * @return true if it did something and there may be more; false if it should be called again
   *     later
   */
  boolean work();
}
