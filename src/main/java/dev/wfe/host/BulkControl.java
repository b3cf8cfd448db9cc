package dev.wfe.host;

import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.WorkflowStateException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * Controls many instances. Each method does to each instance what the method of {@link
 * WorkflowClient} with the same name does to one. Instances are read and written in batches, each
 * with one round trip and one commit; the refusal of one does not affect the others.
 *
 * <p>Each method returns a result for each id, in the order of the ids: what the single operation
 * would have returned, or the exception that it would have thrown. If the database cannot be
 * reached, that exception is the result of all instances that are not done; call again with their
 * ids. Immutable; as thread-safe as its client.
 */
public final class BulkControl {
  private final Control control;
  private final GuardedWriter writer;
  private final List<String> ids;
  private final IntConsumer done;

  BulkControl(Control control, GuardedWriter writer, Collection<String> ids) {
    this(control, writer, List.copyOf(Objects.requireNonNull(ids, "ids")), count -> {});
  }

  private BulkControl(Control control, GuardedWriter writer, List<String> ids, IntConsumer done) {
    this.control = control;
    this.writer = writer;
    this.ids = ids;
    this.done = done;
  }

  /**
   * Returns the same control with one more listener, which is called after each batch.
   *
   * @param listener gets the number of instances that have a result
   */
  public BulkControl onProgress(IntConsumer listener) {
    return new BulkControl(
        control, writer, ids, done.andThen(Objects.requireNonNull(listener, "listener")));
  }

  private <T> Map<String, ItemResult<T>> each(Change<T> change) {
    return writer.changeAll(ids, change, done);
  }

  /** Suspends them; see {@link WorkflowClient#suspend}. */
  public Map<String, ItemResult<Boolean>> suspend() {
    return each(control.suspend());
  }

  /** Lets them go on; see {@link WorkflowClient#resume}. */
  public Map<String, ItemResult<Boolean>> resume() {
    return each(control.resume());
  }

  /** Lets failed steps go on; see {@link WorkflowClient#retry}. */
  public Map<String, ItemResult<Integer>> retry() {
    return each(control.retry());
  }

  /** Ends them; see {@link WorkflowClient#terminate}. */
  public Map<String, ItemResult<Boolean>> terminate() {
    return each(control.terminate());
  }

  /**
   * Runs them again from a step; see {@link WorkflowClient#rerun(String, String)}. A refusal is a
   * {@link WorkflowStateException} or another {@link StoreException}.
   */
  public Map<String, ItemResult<List<StepState>>> rerun(String step) {
    return each(control.rerun(step));
  }

  /**
   * Runs them again from a step with changed data; see {@link WorkflowClient#rerun(Workflow,
   * String, String, UnaryOperator)}.
   */
  public <D> Map<String, ItemResult<List<StepState>>> rerun(
      Workflow<D> workflow, String step, UnaryOperator<D> change) {
    return each(control.rerun(workflow, step, change));
  }

  /** Cancels a step of each; see {@link WorkflowClient#cancel}. */
  public Map<String, ItemResult<List<StepState>>> cancel(String step) {
    return each(control.cancel(step));
  }

  /** Moves them to another version; see {@link WorkflowClient#move}. */
  public Map<String, ItemResult<Boolean>> move(Workflow<?> target, StepMapping mapping) {
    return each(control.move(target, mapping));
  }
}
