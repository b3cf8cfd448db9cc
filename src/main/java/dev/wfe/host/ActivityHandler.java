package dev.wfe.host;

import org.jspecify.annotations.Nullable;

/**
 * What an {@link ActivityWorker} does for an activity.
 *
 * @param <I> the class of the input
 * @param <O> the class of the output
 */
@FunctionalInterface
public interface ActivityHandler<I, O> {
  /**
   * Does the work. It may be called again for the same activity, also by other workers, so pass
   * {@link ActivityTask#idempotencyKey} to services that recognise repeated requests. If it calls
   * {@link ActivityTask#complete}, {@link ActivityTask#fail} or {@link ActivityTask#giveBack}
   * itself, what it returns or throws afterwards has no effect.
   *
   * @return the output, which completes the activity; null is an output too
   * @throws Exception to report that the attempt failed. The retry policy of the workflow's step
   *     says whether and when the activity is offered again
   */
  @Nullable O handle(ActivityTask<I, O> task) throws Exception;
}
