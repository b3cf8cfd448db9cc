package dev.wfe.host;

import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;

/**
 * An execution of a step.
 *
 * @param definition the definition of its workflow
 * @param step the name of the step
 * @param number counts the attempts of the step from 1
 * @param result what it led to
 * @param duration how long the step was executed; with its commit, if it stored its outcome in its
 *     own transaction
 */
public record StepAttempt(
    DefinitionVersion definition, String step, int number, Result result, Duration duration) {
  /** What an attempt led to. */
  public enum Result {
    /** The step has succeeded. */
    SUCCEEDED,
    /** The attempt has failed, and another one follows. */
    RETRIED,
    /** The attempt has failed, and none follows. */
    FAILED
  }
}
