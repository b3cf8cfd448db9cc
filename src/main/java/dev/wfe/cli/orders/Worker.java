package dev.wfe.cli.orders;

/**
 * Does one kind of work, a little at a time. Called by one thread at a time; any number of workers
 * of a kind may be at it, in this program and in others.
 */
@FunctionalInterface
interface Worker {
  /**
   * Does what there is to do now, or a part of it.
   *
   * @return true if it did something, so that there may be more; false to be called again later
   */
  boolean work();
}
