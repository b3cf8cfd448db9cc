package dev.wfe.bench.hosts;

import java.io.IOException;

/**
 * Makes work due, in this or in another process. The methods return when the call returned, as
 * {@link System#nanoTime}, which is the same clock in all processes of a Linux machine.
 */
interface Actor extends AutoCloseable {
  /** Starts a workflow of one step. */
  long start(String id) throws IOException;

  /** Publishes the event for which the workflow with the id waits. */
  long publish(String id) throws IOException;

  @Override
  void close() throws IOException;
}
