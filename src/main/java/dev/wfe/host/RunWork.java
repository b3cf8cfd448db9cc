package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes what can be executed in instances: steps, and what needs more than the live part. Each
 * piece reports an outcome, which the next flush stores. Thread-safe.
 */
final class RunWork {
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(RunWork.class);

  private final PersistenceProvider provider;
  private final Definitions definitions;
  private final InstantSource clock;
  private final Duration minPause;
  private final Executor workers;
  private final Listeners listeners;
  private final StepExecutor steps;
  private final NextEvents nextEvents;
  private final HeldRuns held;
  private final ReportedRuns reported;

  /**
   * Begins nothing yet.
   *
   * @param minPause how long to wait after the database has prevented a step for the first time
   * @param workers executes steps
   * @param listeners are told what is stored
   */
  RunWork(
      PersistenceProvider provider,
      Definitions definitions,
      InstantSource clock,
      Duration minPause,
      Executor workers,
      Listeners listeners,
      StepExecutor steps,
      HeldRuns held,
      ReportedRuns reported) {
    this.provider = provider;
    this.definitions = definitions;
    this.clock = clock;
    this.minPause = minPause;
    this.workers = workers;
    this.listeners = listeners;
    this.steps = steps;
    this.nextEvents = new NextEvents(provider);
    this.held = held;
    this.reported = reported;
  }

  /**
   * Begins what can be begun. If nothing is under way then, the next flush gives the run back:
   * steps that ended at the same time may have kept the lease for each other.
   */
  void dispatch(InstanceRun run) {
    if (!held.isDraining() && run.live().status() == WorkflowStatus.RUNNABLE) {
      beginAll(run);
    }
    leaveIfIdle(run);
  }

  private void beginAll(InstanceRun run) {
    Instant now = clock.instant();
    InstanceRun.Current current = run.current();
    Graph<?> graph = current.graph();
    boolean isUnfinished = false;
    for (ExecutionPointer pointer : current.live().pointers()) {
      if (Engine.isExecutable(graph, pointer)) {
        begin(run, pointer, () -> execute(run, pointer));
      } else if (Engine.isOverdue(pointer, now)) {
        begin(run, pointer, () -> timeOut(run, pointer));
      } else if (Recurring.isDue(graph, pointer, now)) {
        begin(run, pointer, () -> recur(run, pointer));
      } else if (Trimming.isDue(graph, pointer)) {
        begin(run, pointer, () -> trim(run, pointer));
      } else if (Sagas.isDue(current.live().pointers(), pointer) && !run.isExecutingIn(pointer)) {
        begin(run, pointer, () -> compensate(run, pointer));
      } else if (Engine.isEvaluable(graph, pointer)) {
        isUnfinished = true;
      }
    }
    if (isUnfinished) {
      reported.report(run);
    }
  }

  private void begin(InstanceRun run, ExecutionPointer pointer, Runnable work) {
    if (run.begin(pointer)) {
      workers.execute(() -> guarded(run, pointer, work));
    }
  }

  /** The next flush gives the run back if it executes nothing. */
  void leaveIfIdle(InstanceRun run) {
    if (!run.isOver() && !run.isExecutingOthers(List.of())) {
      reported.report(run);
    }
  }

  /** Makes sure that a worker never leaves a pointer without saying what became of it. */
  private void guarded(InstanceRun run, ExecutionPointer pointer, Runnable work) {
    if (held.isDraining() || !run.start(pointer.id())) {
      run.forget(pointer.id());
      leaveIfIdle(run);
      return;
    }
    try {
      work.run();
    } catch (RuntimeException | Error unexpected) {
      LOG.error("Workflow {} cannot go on; suspending it", run.claim().id(), unexpected);
      if (run.add(new Outcome.Blocked(pointer.id(), Failures.message(unexpected)))) {
        reported.report(run);
      }
    }
  }

  private void execute(InstanceRun run, ExecutionPointer pointer) {
    Claim claim = run.claim();
    StepExecutor.Result result = steps.execute(run, pointer);
    if (result instanceof StepExecutor.Reported ended) {
      if (run.add(ended.outcome())) {
        reported.report(run);
      }
    } else if (result instanceof StepExecutor.Committed committed) {
      tellStored(run, committed.base(), List.of(committed.outcome()), committed.write());
      boolean isCurrent = run.committed(committed.base(), committed.workflow(), pointer.id());
      proceed(run, isCurrent, committed.keeps(), committed.write());
    } else if (result instanceof StepExecutor.Abandoned abandoned) {
      if (abandoned.leaseLost() && claim.equals(run.claim())) {
        held.lose(run);
      } else {
        pause(run);
        run.outdate(pointer.id());
        reported.report(run);
      }
    }
  }

  /** Waits after the database has prevented a step; twice as long after each time in a row. */
  private void pause(InstanceRun run) {
    int doublings = Math.min(run.countPrevented() - 1, 10);
    Duration pause = minPause.multipliedBy(1L << doublings);
    try {
      run.pause(pause.compareTo(MAX_PAUSE) < 0 ? pause : MAX_PAUSE);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  /** The time of a wait is over: an event that was published before has priority. */
  private void timeOut(InstanceRun run, ExecutionPointer pointer) {
    Outcome outcome;
    try {
      outcome =
          Wait.of(run.live(), pointer)
              .flatMap(nextEvents::of)
              .<Outcome>map(event -> Outcome.Delivered.of(pointer.id(), event))
              .orElseGet(() -> new Outcome.TimedOut(pointer.id()));
    } catch (StoreException failure) {
      LOG.warn("Cannot look for events of workflow {}; trying again", run.claim().id(), failure);
      tryAgain(run, pointer);
      return;
    }
    if (run.add(outcome)) {
      reported.report(run);
    }
  }

  /** Has the pointers of old iterations deleted. */
  private void trim(InstanceRun run, ExecutionPointer block) {
    withHistory(run, block, whole -> Trimming.of(run.current().graph(), whole, block));
  }

  /** Finds the steps of a failed saga that have to be compensated. */
  private void compensate(InstanceRun run, ExecutionPointer saga) {
    withHistory(run, saga, whole -> Sagas.find(run.current().graph(), whole, saga.id()));
  }

  private void withHistory(
      InstanceRun run, ExecutionPointer pointer, Function<WorkflowInstance, Outcome> outcome) {
    WorkflowInstance whole;
    try {
      whole = provider.getWorkflowInstance(run.claim().id());
    } catch (StoreException failure) {
      LOG.warn("Cannot read the history of workflow {}; trying again", run.claim().id(), failure);
      tryAgain(run, pointer);
      return;
    }
    if (run.add(outcome.apply(whole))) {
      reported.report(run);
    }
  }

  /** The time of a schedule has come: looks whether the workflow before is still running. */
  private void recur(InstanceRun run, ExecutionPointer pointer) {
    String predecessor = Recurring.predecessor(run.live());
    boolean isRunning = false;
    if (predecessor != null) {
      try {
        isRunning =
            provider.getLiveWorkflows(List.of(predecessor)).stream()
                .anyMatch(live -> !live.status().isEnded());
      } catch (StoreException failure) {
        LOG.warn("Cannot look for workflow {}; trying again", predecessor, failure);
        tryAgain(run, pointer);
        return;
      }
      if (isRunning) {
        LOG.info("{} starts nothing, because {} has not ended", run.claim().id(), predecessor);
      }
    }
    if (run.add(new Outcome.Recurred(pointer.id(), isRunning))) {
      reported.report(run);
    }
  }

  private void tryAgain(InstanceRun run, ExecutionPointer pointer) {
    pause(run);
    run.forget(pointer.id());
    reported.report(run);
  }

  /** Goes on after a write. */
  void proceed(InstanceRun run, boolean isCurrent, boolean keeps, WorkflowWrite write) {
    if (!keeps) {
      held.end(run);
      held.freed(run);
      Long due = write.workflow().nextExecution();
      if (due != null) {
        held.dueAfter(Duration.between(clock.instant(), Instant.ofEpochMilli(due)));
      }
    } else if (isCurrent) {
      dispatch(run);
    } else {
      reported.report(run);
    }
  }

  /** Tells what a write has stored. */
  void tellStored(InstanceRun run, LiveWorkflow base, List<Outcome> outcomes, WorkflowWrite write) {
    Sagas.logFailures(LOG, base, write.workflow());
    Graph<?> graph = Objects.requireNonNull(definitions.of(base));
    listeners.stored(graph, base, outcomes, write, run::duration, clock.instant());
  }
}
