package dev.wfe.persistence;

/** The registration of a listener. Thread-safe. */
public interface Registration extends AutoCloseable {
  /** Removes the listener. Idempotent. */
  @Override
  void close();
}
