package dev.wfe.host;

import java.util.Optional;

/**
 * Stores and controls schedules, in any process: {@link WorkflowClient#schedules}. It starts
 * nothing; every {@link WorkflowHost} does that knows the workflow of a schedule and has the
 * library {@code com.cronutils:cron-utils} on its class path. Every method may also throw what the
 * provider throws if the database cannot be reached; see {@link dev.wfe.persistence}. As
 * thread-safe as the client.
 */
public interface ScheduleClient {
  /**
   * Stores a schedule, or changes the one with its name. If the times change, they are counted from
   * now on; if not, the next time stays what it is. A suspended schedule stays suspended, unless an
   * error has suspended it.
   *
   * @return whether anything was changed; false if the schedule is stored as it is
   * @throws WorkflowDefinitionException if Jackson cannot map the data
   * @throws dev.wfe.persistence.InvalidValueException if the data cannot be stored; not retryable
   */
  <D> boolean schedule(Schedule<D> schedule);

  /**
   * Ends a schedule. Workflows that it has started go on.
   *
   * @return false if there is no schedule of the name
   */
  boolean unschedule(String name);

  /**
   * Suspends a schedule: it starts nothing until it is resumed.
   *
   * @return false if there is no schedule of the name
   */
  boolean suspend(String name);

  /**
   * Lets a suspended schedule go on with the first time after now. Has no effect if it is not
   * suspended.
   *
   * @return false if there is no schedule of the name
   */
  boolean resume(String name);

  /** Returns the state of a schedule; empty if there is none of the name. */
  Optional<ScheduleState> state(String name);
}
