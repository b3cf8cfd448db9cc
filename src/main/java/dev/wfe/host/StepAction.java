package dev.wfe.host;

/**
 * A step that returns nothing.
 *
 * @param <D> the class of the workflow's data
 */
@FunctionalInterface
public interface StepAction<D> {
  /**
   * Executes the step.
   *
   * @param data the workflow's data as last stored; changes to it are not stored
   * @throws Exception to have the step attempted again, as its {@link RetryPolicy} says
   */
  void run(D data) throws Exception;
}
