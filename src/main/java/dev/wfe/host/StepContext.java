package dev.wfe.host;

/** What a step knows about its execution. Valid while the step executes. Thread-safe. */
public interface StepContext {
  /** The id of the workflow instance. */
  String workflowId();

  /** The name of the step. */
  String stepName();

  /** Which attempt this is: 1, or more after failures. An execution that died is not counted. */
  int attempt();

  /**
   * A key that is the same for every execution of this step in this instance, and different from
   * the key of every other step and instance. Pass it to services that recognise repeated requests.
   */
  String idempotencyKey();
}
