package dev.wfe.host;

/** What happens when the last attempt of a step has failed. The error is stored in any case. */
public enum AfterLastAttempt implements StepOption {
  /**
   * The workflow is suspended until somebody calls {@link WorkflowClient#retry} or {@link
   * WorkflowClient#terminate}. The default outside a saga.
   */
  SUSPEND,
  /** The workflow ends with the status Terminated, also if it is suspended meanwhile. */
  TERMINATE,
  /**
   * The workflow goes on with the next step. The merge function of the failed step is not called.
   */
  CONTINUE,
  /** The innermost saga that contains the step is compensated. The default in a saga. */
  COMPENSATE
}
