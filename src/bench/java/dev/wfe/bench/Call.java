package dev.wfe.bench;

/** What one thread does again and again. */
@FunctionalInterface
public interface Call {
  /** Does it once, and gives what came of it, so that no part of it can be left out. */
  Object make() throws Exception;
}
