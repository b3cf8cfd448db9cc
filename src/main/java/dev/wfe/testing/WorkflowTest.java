package dev.wfe.testing;

import dev.wfe.host.ActivityClient;
import dev.wfe.host.ActivityTask;
import dev.wfe.host.ActivityType;
import dev.wfe.host.BulkControl;
import dev.wfe.host.EventType;
import dev.wfe.host.Explanation;
import dev.wfe.host.Schedule;
import dev.wfe.host.ScheduleClient;
import dev.wfe.host.ScheduleState;
import dev.wfe.host.Start;
import dev.wfe.host.StartOptions;
import dev.wfe.host.StartResult;
import dev.wfe.host.StepMapping;
import dev.wfe.host.StepState;
import dev.wfe.host.SteppedHost;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.host.WorkflowState;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.PointerStatus;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/**
 * Runs workflows in memory, in the thread of the test, with a clock that only the test moves. Every
 * call returns when everything that is due has been executed, so a test needs no waiting. Timers,
 * pauses between attempts and time-outs pass when the test calls {@link #advance}.
 *
 * <p>Steps are executed as a {@link WorkflowHost} executes them, one after the other. Steps in a
 * transaction get no connection, because there is no database. Not thread-safe.
 */
public final class WorkflowTest implements WorkflowClient, AutoCloseable {
  private final PersistenceProvider provider = new InMemoryPersistenceProvider(this::now);
  private Instant now;
  private final SteppedHost host;
  private final WorkflowClient client;

  private WorkflowTest(Instant start, List<Workflow<?>> workflows) {
    now = start.truncatedTo(ChronoUnit.MILLIS);
    host = WorkflowHost.builder(provider).workflows(workflows).buildStepped(() -> now);
    client = host.client();
    host.register();
  }

  /**
   * Begins a test of the definitions; the clock stands at the current time.
   *
   * @throws dev.wfe.host.WorkflowDefinitionException if a definition is wrong
   */
  public static WorkflowTest of(Workflow<?>... workflows) {
    return new WorkflowTest(Instant.now(), List.of(workflows));
  }

  /**
   * As {@link #of}, with a clock that stands at the given time, such as shortly before clocks are
   * put forward.
   */
  public static WorkflowTest at(Instant start, Workflow<?>... workflows) {
    return new WorkflowTest(start, List.of(workflows));
  }

  /** Starts an instance and executes what is due. Returns its id. */
  public <D> String start(Workflow<D> workflow, D data) {
    return startWorkflow(workflow, data, StartOptions.none()).id();
  }

  /**
   * Moves the clock. Everything that becomes due on the way is executed in order, each at its time.
   *
   * @param time not negative
   */
  public void advance(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("The clock cannot be moved back by " + time);
    }
    Instant end = now.plus(time);
    Optional<Duration> next = host.runDue();
    while (next.isPresent() && !now.plus(next.get()).isAfter(end)) {
      now = now.plus(next.get());
      next = host.runDue();
    }
    now = end;
    host.runDue();
  }

  /**
   * Takes an activity as a worker does; it is held for an hour. After its result was reported, call
   * {@link #advance} with {@link Duration#ZERO} to let the workflow go on.
   */
  public <I, O> Optional<ActivityTask<I, O>> take(ActivityType<I, O> type) {
    return ActivityClient.over(provider, "test").take(type, Duration.ofHours(1));
  }

  /** The time of the clock. */
  public Instant now() {
    return now;
  }

  /**
   * Lets the next execution of the step throw the exception instead of calling the step.
   *
   * @throws IllegalArgumentException if no definition has a step of the name
   */
  public void failNext(String stepName, Exception exception) {
    host.failNext(stepName, exception);
  }

  /**
   * Returns the names of the steps of an instance that have ended, in the order in which they were
   * begun: Complete, Skipped (timed out), Failed, Compensated or Cancelled.
   */
  public List<String> endedSteps(Workflow<?> workflow, String id) {
    return state(workflow, id).steps().stream()
        .filter(step -> step.status().isEnd())
        .map(StepState::name)
        .toList();
  }

  /** Returns the names of the waits of an instance whose time was over. */
  public List<String> timedOutSteps(Workflow<?> workflow, String id) {
    return state(workflow, id).steps().stream()
        .filter(step -> step.status() == PointerStatus.SKIPPED)
        .map(StepState::name)
        .toList();
  }

  /** The provider, to look at what is stored. */
  public PersistenceProvider provider() {
    return provider;
  }

  @Override
  public <D> StartResult startWorkflow(Workflow<D> workflow, D data, StartOptions options) {
    StartResult result = client.startWorkflow(workflow, data, options);
    host.runDue();
    return result;
  }

  @Override
  public <D> List<ItemResult<StartResult>> startWorkflows(
      Workflow<D> workflow, List<Start<D>> starts) {
    List<ItemResult<StartResult>> results = client.startWorkflows(workflow, starts);
    host.runDue();
    return results;
  }

  @Override
  public ScheduleClient schedules() {
    return new Schedules(client.schedules());
  }

  @Override
  public <E> String publish(EventType<E> type, String key, E payload) {
    String id = client.publish(type, key, payload);
    host.runDue();
    return id;
  }

  @Override
  public <E> boolean publishOnce(String id, EventType<E> type, String key, E payload) {
    boolean published = client.publishOnce(id, type, key, payload);
    host.runDue();
    return published;
  }

  @Override
  public <D> WorkflowState<D> state(Workflow<D> workflow, String id) {
    return client.state(workflow, id);
  }

  /**
   * Returns the state if the instance has ended. Does not wait, because the clock does not move by
   * itself.
   */
  @Override
  public <D> WorkflowState<D> awaitEnd(Workflow<D> workflow, String id, Duration time)
      throws InterruptedException, TimeoutException {
    return client.awaitEnd(workflow, id, Duration.ZERO);
  }

  @Override
  public String idOf(String name) {
    return client.idOf(name);
  }

  @Override
  public Explanation explain(String id) {
    return client.explain(id);
  }

  @Override
  public boolean suspend(String id) {
    return client.suspend(id);
  }

  @Override
  public boolean resume(String id) {
    boolean resumed = client.resume(id);
    host.runDue();
    return resumed;
  }

  @Override
  public int retry(String id) {
    int steps = client.retry(id);
    host.runDue();
    return steps;
  }

  @Override
  public boolean terminate(String id) {
    boolean terminated = client.terminate(id);
    host.runDue();
    return terminated;
  }

  @Override
  public List<StepState> rerun(String id, String step) {
    List<StepState> steps = client.rerun(id, step);
    host.runDue();
    return steps;
  }

  @Override
  public <D> List<StepState> rerun(
      Workflow<D> workflow, String id, String step, UnaryOperator<D> change) {
    List<StepState> steps = client.rerun(workflow, id, step, change);
    host.runDue();
    return steps;
  }

  @Override
  public List<StepState> cancel(String id, String step) {
    List<StepState> steps = client.cancel(id, step);
    host.runDue();
    return steps;
  }

  @Override
  public boolean move(String id, Workflow<?> target, StepMapping mapping) {
    boolean moved = client.move(id, target, mapping);
    host.runDue();
    return moved;
  }

  /** Executes what is due after each batch. */
  @Override
  public BulkControl all(Collection<String> ids) {
    return client.all(ids).onProgress(done -> host.runDue());
  }

  /** Executes what is due after each change of a schedule. */
  private final class Schedules implements ScheduleClient {
    private final ScheduleClient stored;

    Schedules(ScheduleClient stored) {
      this.stored = stored;
    }

    @Override
    public <D> boolean schedule(Schedule<D> schedule) {
      boolean changed = stored.schedule(schedule);
      host.runDue();
      return changed;
    }

    @Override
    public boolean unschedule(String name) {
      return stored.unschedule(name);
    }

    @Override
    public boolean suspend(String name) {
      return stored.suspend(name);
    }

    @Override
    public boolean resume(String name) {
      boolean resumed = stored.resume(name);
      host.runDue();
      return resumed;
    }

    @Override
    public Optional<ScheduleState> state(String name) {
      return stored.state(name);
    }
  }

  /** Ends the test. */
  @Override
  public void close() {
    // Nothing is open: there are no threads and no database.
  }
}
