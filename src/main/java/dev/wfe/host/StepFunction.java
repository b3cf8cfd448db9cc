package dev.wfe.host;

import org.jspecify.annotations.Nullable;

/**
 * A step that returns an output.
 *
 * @param <D> the class of the workflow's data
 * @param <R> the class of the output
 */
@FunctionalInterface
public interface StepFunction<D, R extends @Nullable Object> {
  /**
   * Executes the step.
   *
   * @param data the workflow's data as last stored; changes to it are not stored
   * @return the output, which is passed to the step's merge function
   * @throws Exception to have the step attempted again, as its {@link RetryPolicy} says
   */
  R call(D data) throws Exception;
}
