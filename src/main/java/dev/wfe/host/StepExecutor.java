package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreTransaction;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes the application's code of one step. Thread-safe. */
final class StepExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(StepExecutor.class);

  private final PersistenceProvider provider;
  private final Engine engine;
  private final HostJson json;
  private final InstantSource clock;
  private final Hook hook;

  /** Is called before each execution; what it throws is thrown by the step. */
  @FunctionalInterface
  interface Hook {
    void before(StepContext context) throws Exception;
  }

  StepExecutor(
      PersistenceProvider provider, Engine engine, HostJson json, InstantSource clock, Hook hook) {
    this.provider = provider;
    this.engine = engine;
    this.json = json;
    this.clock = clock;
    this.hook = hook;
  }

  /** What an execution led to. */
  sealed interface Result {}

  /** An outcome to store. */
  record Reported(Outcome outcome) implements Result {}

  /**
   * The step's transaction has stored the outcome.
   *
   * @param base the version to which the outcome was applied
   * @param workflow the version that was written then
   */
  record Committed(
      Outcome outcome, LiveWorkflow base, LiveWorkflow workflow, WorkflowWrite write, boolean keeps)
      implements Result {}

  /** There is nothing to store: the lease was lost, or the transaction did not come about. */
  record Abandoned(boolean leaseLost) implements Result {}

  /** Executes the step of the pointer in the calling thread. */
  Result execute(InstanceRun run, ExecutionPointer begun) {
    InstanceRun.Current current = run.current();
    ExecutionPointer pointer = current.open(begun.id());
    if (pointer == null) { // it was cancelled or discarded meanwhile
      return new Abandoned(false);
    }
    Graph.Step<?> step = Objects.requireNonNull(current.graph().step(pointer.stepName()), "step");
    LogContext.enterStep(run.claim().id(), step.name());
    try {
      return execute(run, current, pointer, step);
    } finally {
      LogContext.leave();
    }
  }

  private <D> Result execute(
      InstanceRun run, InstanceRun.Current current, ExecutionPointer pointer, Graph.Step<D> step) {
    if (!(step.node() instanceof Node.Execute<D, ?> execute)) {
      throw new IllegalStateException("Not executable: " + step.name());
    }
    Instant started = clock.instant();
    Watch watch =
        new Watch(
            "Step '%s' of workflow %s".formatted(step.name(), run.claim().id()),
            "the host has left it",
            LOG);
    if (!run.enter(pointer.id(), watch)) {
      return new Abandoned(true);
    }
    watch.limit(execute.options().timeLimit());
    Result result;
    try {
      result =
          execute.inTransaction() == null
              ? new Reported(call(run, current, pointer, execute, started))
              : callInTransaction(run, current, pointer, execute, started);
    } catch (Throwable error) { // whatever a step throws is its outcome
      if (run.isOver()) {
        LOG.info(
            "Step '{}' of workflow {} ended after the host left it", step.name(), run.claim().id());
        result = new Abandoned(true);
      } else {
        result = new Reported(failure(run, pointer, execute, watch.reason(error), started));
      }
    } finally {
      watch.stop();
    }
    if (!(result instanceof Committed)) {
      run.releasing(false);
    }
    boolean over = run.isOver();
    if (Thread.interrupted() && !over) {
      LOG.debug("Step {} left its thread interrupted", step.name());
    }
    return over ? new Abandoned(true) : result;
  }

  private <D, R extends @Nullable Object> Outcome call(
      InstanceRun run,
      InstanceRun.Current current,
      ExecutionPointer pointer,
      Node.Execute<D, R> execute,
      Instant started)
      throws Exception {
    Frame frame = Frame.of(current.graph(), current.live(), pointer);
    D data;
    try {
      data = json.read(frame.tree(), frame.type());
    } catch (UnreadableDataException unreadable) {
      return new Outcome.Blocked(pointer.id(), Failures.message(unreadable));
    }
    ContextStepFunction<D, ? extends R> function = Objects.requireNonNull(execute.function());
    Context context = new Context(run.claim().id(), pointer);
    hook.before(context);
    return succeeded(pointer, frame, execute.merge(), function.call(data, context), started);
  }

  private <D, R extends @Nullable Object> Outcome succeeded(
      ExecutionPointer pointer, Frame frame, Node.Merge<D, R> merge, R output, Instant started) {
    if (output == Node.Nothing.NOTHING) {
      return new Outcome.Succeeded(pointer.id(), frame.type(), null, null, started);
    }
    UnaryOperator<D> merged = data -> merge.apply(data, output);
    try {
      return new Outcome.Succeeded(pointer.id(), frame.type(), merged, json.write(output), started);
    } catch (IllegalArgumentException unmappable) {
      return new Outcome.Blocked(
          pointer.id(), "The output cannot be stored: " + Failures.message(unmappable));
    }
  }

  private <D> Outcome failure(
      InstanceRun run,
      ExecutionPointer pointer,
      Node.Execute<D, ?> execute,
      Throwable error,
      Instant started) {
    int failures = pointer.retryCount() + 1;
    RetryPolicy retry = execute.options().retry();
    @Nullable Duration pause = retry.retries(failures, error) ? retry.delay(failures) : null;
    String what =
        "Step '%s' of workflow %s failed (attempt %s); "
            .formatted(pointer.stepName(), run.claim().id(), failures);
    if (pause == null) {
      Failures.warn(LOG, what + "this was the last attempt", error);
    } else {
      Failures.warnBriefly(LOG, what + "the next one follows after " + pause, error);
    }
    return new Outcome.Failed(pointer.id(), Failures.message(error), pause, started);
  }

  /** Carries what the step threw through the transaction. */
  private static final class StepFailure extends Exception {
    private static final long serialVersionUID = 1L;

    StepFailure(Throwable cause) {
      super(cause);
    }
  }

  /** Rolls the transaction back, because the outcome of the step cannot be stored. */
  private static final class UnstorableOutcome extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Outcome.Blocked blocked;

    UnstorableOutcome(Outcome.Blocked blocked) {
      super(blocked.message());
      this.blocked = blocked;
    }
  }

  private <D, R extends @Nullable Object> Result callInTransaction(
      InstanceRun run,
      InstanceRun.Current current,
      ExecutionPointer pointer,
      Node.Execute<D, R> execute,
      Instant started)
      throws Throwable {
    try {
      return provider.<Result>inTransaction(
          transaction -> {
            Outcome outcome = callWithin(transaction, run, current, pointer, execute, started);
            if (outcome instanceof Outcome.Blocked blocked) {
              throw new UnstorableOutcome(blocked);
            }
            return store(transaction.provider(), run, current, outcome);
          });
    } catch (StepFailure failure) {
      throw Objects.requireNonNull(failure.getCause());
    } catch (UnstorableOutcome unstorable) {
      return new Reported(unstorable.blocked);
    } catch (CancelledStep cancelled) {
      LOG.info(
          "The transaction of step {} was rolled back: the workflow has ended it, or was moved",
          pointer.stepName());
      return new Abandoned(false);
    } catch (LeaseLostException lost) {
      return new Abandoned(true);
    } catch (StoreException failure) {
      if (failure.retryable() || failure instanceof UnknownOutcomeException) {
        LOG.warn("The transaction of step {} has to be repeated", pointer.stepName(), failure);
        return new Abandoned(false);
      }
      if (failure instanceof InvalidValueException) {
        return new Reported(new Outcome.Blocked(pointer.id(), Failures.message(failure)));
      }
      throw failure;
    }
  }

  private <D, R extends @Nullable Object> Outcome callWithin(
      StoreTransaction transaction,
      InstanceRun run,
      InstanceRun.Current current,
      ExecutionPointer pointer,
      Node.Execute<D, R> execute,
      Instant started)
      throws StepFailure {
    Frame frame = Frame.of(current.graph(), current.live(), pointer);
    D data;
    try {
      data = json.read(frame.tree(), frame.type());
    } catch (UnreadableDataException unreadable) {
      return new Outcome.Blocked(pointer.id(), Failures.message(unreadable));
    }
    TransactionFunction<D, ? extends R> function = Objects.requireNonNull(execute.inTransaction());
    Context context = new Context(run.claim().id(), pointer);
    try {
      hook.before(context);
      return succeeded(
          pointer,
          frame,
          execute.merge(),
          function.call(data, new InTransaction(context, transaction)),
          started);
    } catch (Throwable error) { // rolls the transaction back
      throw new StepFailure(error);
    }
  }

  /**
   * Rolls the transaction back, because the workflow has ended the step meanwhile, or was moved to
   * another version.
   */
  private static final class CancelledStep extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** Stores the outcome in the step's transaction, whatever has changed meanwhile. */
  private Result store(
      PersistenceProvider within, InstanceRun run, InstanceRun.Current executed, Outcome outcome)
      throws UnstorableOutcome, CancelledStep {
    InstanceRun.Current current = executed;
    while (true) {
      LiveWorkflow live = current.live();
      if (live.version() != executed.live().version()
          || current.open(outcome.pointerId()) == null) {
        throw new CancelledStep();
      }
      Progress progress = engine.apply(current.graph(), live, List.of(outcome), clock.instant());
      String error = progress.errorOf(outcome.pointerId());
      if (error != null) {
        throw new UnstorableOutcome(new Outcome.Blocked(outcome.pointerId(), error));
      }
      boolean keeps = progress.hasWork() || run.isExecutingOthers(List.of(outcome));
      WorkflowWrite write =
          progress
              .write()
              .under(
                  run.claim(),
                  keeps ? WorkflowWrite.LeaseAction.KEEP : WorkflowWrite.LeaseAction.RELEASE)
              .build();
      run.releasing(!keeps);
      try {
        WriteResult result = within.write(write);
        return new Committed(outcome, live, result.workflow(), write, keeps);
      } catch (StaleRevisionException stale) {
        current =
            new InstanceRun.Current(current.graph(), within.getLiveWorkflow(run.claim().id()));
      }
    }
  }

  /** The context of an execution. */
  private record Context(String workflowId, ExecutionPointer pointer) implements StepContext {
    @Override
    public String stepName() {
      return String.valueOf(pointer.stepName());
    }

    @Override
    public int attempt() {
      return pointer.retryCount() + 1;
    }

    @Override
    public String idempotencyKey() {
      return pointer.id();
    }
  }

  /** The context of an execution in a transaction. */
  private record InTransaction(Context context, StoreTransaction transaction)
      implements TransactionContext {
    @Override
    public String workflowId() {
      return context.workflowId();
    }

    @Override
    public String stepName() {
      return context.stepName();
    }

    @Override
    public int attempt() {
      return context.attempt();
    }

    @Override
    public String idempotencyKey() {
      return context.idempotencyKey();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
      return transaction.unwrap(type);
    }
  }
}
