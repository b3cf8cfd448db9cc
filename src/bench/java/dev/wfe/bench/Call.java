package dev.wfe.bench;

/** The call that one thread repeats. */
@FunctionalInterface
public interface Call {
  /** Makes one call and returns its result, so that the JIT compiler cannot remove it. */
  Object make() throws Exception;
}
