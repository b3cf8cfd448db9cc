package dev.wfe.host;

/**
 * A step that returns nothing and needs its context.
 *
 * @param <D> the class of the workflow's data
 */
@FunctionalInterface
public interface ContextStepAction<D> {
  /**
   * Executes the step.
   *
   * @param data the workflow's data as last stored; changes to it are not stored
   * @throws Exception to have the step attempted again, as its {@link RetryPolicy} says
   */
  void run(D data, StepContext context) throws Exception;
}
