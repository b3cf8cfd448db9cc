package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.host.Lifecycle.State;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does activities of workflows, in any process that reaches the database; it needs no definition of
 * a workflow. It takes activities when a thread is free, calls their handlers, and reports what
 * they return or throw. Any number of workers share the work; if one dies, others can take its
 * activities when its holds expire.
 *
 * <p>A handler is called at least once for each activity. While it works, its hold is renewed. If
 * the hold is lost, or the activity is over because its time limit has passed or the workflow was
 * terminated, the handler's thread is interrupted, and its result is not reported.
 *
 * <p>While the database cannot be reached, handlers go on, and the worker pauses and tries again:
 * results are reported when it is back. Thread-safe.
 */
public final class ActivityWorker implements AutoCloseable {
  /** How long results that are being stored hold up the close. */
  private static final Duration LAST_TRY = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(ActivityWorker.class);

  private final ActivityClient client;
  private final List<Activity<?, ?>> activities;
  private final Duration hold;
  private final Duration maxPoll;
  private final Duration closeTimeout;
  private final ExecutorService threads;
  private final Semaphore free;
  private final Pace takePace;
  private final PersistenceProvider provider;
  private final Lifecycle life;
  private final Set<Execution<?, ?>> underWay = ConcurrentHashMap.newKeySet();
  private final Set<Execution<?, ?>> reporting = ConcurrentHashMap.newKeySet();
  private volatile boolean isFull;

  /** Held from taking an offer until its execution is known. */
  private final ReentrantLock taking = new ReentrantLock();

  /** Which activity is taken next; used by the taking thread only. */
  private int next;

  /** An activity type and its handler. */
  private record Activity<I, O>(ActivityType<I, O> type, ActivityHandler<I, O> handler) {}

  private ActivityWorker(Builder builder, HostJson json) {
    provider = builder.provider;
    client =
        new ActivityClient(provider, builder.name == null ? Ids.ofProcess() : builder.name, json);
    activities = List.copyOf(builder.activities.values());
    hold = builder.hold;
    maxPoll = builder.maxPoll;
    closeTimeout = builder.closeTimeout;
    threads =
        builder.executor == null
            ? Lifecycle.newPool("wfe-activity-", builder.threads)
            : builder.executor;
    free = new Semaphore(builder.threads);
    takePace = new Pace(builder.minPoll, builder.maxPoll);
    life = new Lifecycle("activity worker", LOG, builder.minPoll, hold);
    Duration third = hold.dividedBy(3);
    life.loop("takes", "take activities", takePace, State.RUNNING, this::take);
    life.loop("holds", "renew holds", new Pace(third, third), State.CLOSING, this::renew);
  }

  /** Begins a worker on the provider, which stays open when the worker is closed. */
  public static Builder builder(PersistenceProvider provider) {
    return new Builder(Objects.requireNonNull(provider, "provider"));
  }

  /**
   * Begins to take activities. Needs no database: while it cannot be reached, the worker tries
   * again. Has no effect if the worker is running.
   *
   * @throws IllegalStateException if the worker was closed: build a new one
   */
  public void start() {
    life.start(() -> {}, provider, List.of(takePace));
  }

  /**
   * Starts the worker, and blocks until it is closed. When the JVM is asked to end, such as by
   * SIGTERM, the worker is closed, and the JVM does not end before. So a {@code main} needs no more
   * than {@code try (var provider = …) { …; worker.run(); }}: the provider is closed after the
   * worker.
   *
   * @throws InterruptedException if the thread was interrupted; the worker is closed
   * @throws IllegalStateException as {@link #start}
   */
  public void run() throws InterruptedException {
    life.run(this::start, this::close);
  }

  /**
   * Ends the worker: takes nothing more, waits for handlers and for their results to be stored, up
   * to the time that the builder was given, interrupts the others, and gives their activities back,
   * so that other workers can take them at once. If the database is away, results that are not
   * stored are lost, and the holds expire; the activities are done again. Idempotent; a second call
   * waits until the first one has returned.
   */
  @Override
  public void close() {
    life.close(threads, closeTimeout, new Ending());
  }

  /** Takes at most one activity of each type. */
  private Duration take() {
    boolean found = false;
    for (int i = 0; i < activities.size() && hasFree(); i++) {
      next = (next + 1) % activities.size();
      found |= take(activities.get(next));
    }
    if (!found) {
      return maxPoll;
    }
    takePace.found();
    return hasFree() ? Duration.ZERO : maxPoll;
  }

  /** Whether a thread is free. If not, the next one that becomes free wakes the taking thread. */
  private boolean hasFree() {
    if (free.availablePermits() < 1) {
      isFull = true;
    }
    return free.availablePermits() > 0;
  }

  private <I, O> boolean take(Activity<I, O> activity) {
    taking.lock();
    try {
      Optional<ActivityClient.Taken> taken = client.takeOffer(activity.type(), hold);
      taken.filter(offer -> !goesOn(offer)).ifPresent(offer -> begin(activity, offer));
      return taken.isPresent();
    } finally {
      taking.unlock();
    }
  }

  /** Whether this worker does the activity already: its hold had expired in an outage. */
  private boolean goesOn(ActivityClient.Taken taken) {
    return underWay.stream().anyMatch(execution -> execution.goOnUnder(taken));
  }

  private <I, O> void begin(Activity<I, O> activity, ActivityClient.Taken taken) {
    try {
      begin(new Execution<>(activity, client.task(activity.type(), taken)));
    } catch (UnreadableDataException unreadable) {
      LOG.warn(
          "The input of activity '{}' of workflow {} cannot be read as {}; it is tried again when"
              + " the hold expires",
          activity.type().name(),
          taken.offer().workflowId(),
          activity.type().input().toCanonical());
    }
  }

  private void begin(Execution<?, ?> execution) {
    free.acquireUninterruptibly(); // only this thread acquires, and it has seen a free one
    underWay.add(execution);
    try {
      threads.execute(execution);
    } catch (RuntimeException | Error rejected) {
      underWay.remove(execution);
      free.release();
      execution.task.giveBack();
      if (life.isRunning()) {
        throw rejected;
      }
    }
  }

  private void threadIsFree() {
    free.release();
    if (isFull) {
      isFull = false;
      takePace.wake();
    }
  }

  private Duration renew() {
    underWay.forEach(Execution::renew);
    return Pace.FOREVER;
  }

  private final class Ending implements Lifecycle.Ending {
    @Override
    public void drain() {
      // An execution that has not begun gives its activity back when the threads are ended.
    }

    /**
     * Waits a moment for results that are being stored: each is tried once more. The state says
     * that no other result is reported any more.
     */
    @Override
    public void leave() {
      long end = System.nanoTime() + LAST_TRY.toNanos();
      while (!reporting.isEmpty()
          && System.nanoTime() - end < 0
          && !Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
    }

    @Override
    public void giveBack() {
      underWay.forEach(execution -> execution.task.giveBack());
    }
  }

  /**
   * What a handler led to.
   *
   * @param error what it threw
   */
  private record Result(JsonNode stored, @Nullable Throwable error) {}

  /** One call of a handler, from taking the activity until its result is stored. */
  private final class Execution<I, O> implements Runnable {
    private final ActivityHandler<I, O> handler;
    private final ActivityTask<I, O> task;
    private final String type;
    private final String what;
    private @Nullable Watch watch;
    private boolean hasEnded;
    private boolean isLost;

    Execution(Activity<I, O> activity, ActivityTask<I, O> task) {
      handler = activity.handler();
      this.task = task;
      type = activity.type().name();
      what = "Activity '%s' of workflow %s".formatted(type, task.workflowId());
    }

    @Override
    public void run() {
      boolean isOver = true; // also if something unexpected is thrown: then the hold expires
      try {
        LogContext.enterActivity(task.workflowId(), type);
        isOver = work();
      } finally {
        if (isOver) {
          underWay.remove(this);
        }
        LogContext.leave();
        threadIsFree();
      }
    }

    /**
     * Calls the handler, and reports its result.
     *
     * @return false if the worker is closed before that is done: the activity is given back
     */
    private boolean work() {
      if (!life.isRunning()) {
        return false;
      }
      Watch current = new Watch(what, "its hold is lost", LOG);
      if (!enter(current)) {
        return true;
      }
      Result result = handle();
      current.stop();
      boolean isHeld = leave();
      if (Thread.interrupted() && isHeld) {
        LOG.debug("{}: the thread is left interrupted", what);
      }
      boolean isLeft = life.state() == State.CLOSED;
      if (isHeld && task.isSettled() && result.error() != null && !isLeft) {
        Failures.warn(LOG, what + " failed after its result was reported", result.error());
      }
      return !isHeld || task.isSettled() || report(result);
    }

    private synchronized boolean enter(Watch current) {
      watch = current;
      return !isLost;
    }

    private synchronized boolean leave() {
      hasEnded = true;
      return !isLost;
    }

    private Result handle() {
      O output;
      try {
        output = handler.handle(task);
      } catch (Throwable error) { // whatever a handler throws is its result
        return new Result(Activities.failed(Failures.message(error)), error);
      }
      try {
        return new Result(task.completed(output), null);
      } catch (Throwable error) { // the methods of the output are the application's too
        return new Result(unstorable(error), error);
      }
    }

    private static JsonNode unstorable(Throwable error) {
      return Activities.failed("The output cannot be stored: " + Failures.message(error));
    }

    private boolean report(Result result) {
      reporting.add(this);
      try {
        return reportAgainAndAgain(result);
      } finally {
        reporting.remove(this);
      }
    }

    /** Reports the result until it is stored, or the worker is closed. */
    private boolean reportAgainAndAgain(Result result) {
      if (life.state() == State.CLOSED) {
        return false;
      }
      if (result.error() != null) {
        Failures.warnBriefly(
            LOG, "%s failed (attempt %s)".formatted(what, task.attempt()), result.error());
      }
      JsonNode stored = result.stored();
      for (int failures = 1; ; failures++) {
        boolean isLast = life.state().compareTo(State.CLOSING) > 0;
        try {
          task.report(stored);
          return true;
        } catch (InvalidValueException refused) {
          if (Activities.isFailure(stored)) {
            LOG.error("{}: its failure cannot be stored", what, refused);
            return true;
          }
          LOG.warn("{}: its output cannot be stored, so it has failed", what, refused);
          stored = unstorable(refused);
        } catch (RuntimeException | Error failure) {
          if (isLast) {
            LOG.warn("{}: its result is not stored; it is done again", what, failure);
            return false;
          }
          LOG.warn("{}: its result cannot be stored; trying again", what, failure);
          pause(failures);
        }
      }
    }

    private void pause(int failures) {
      try {
        life.pause(failures);
      } catch (InterruptedException closing) {
        LOG.debug("{}: interrupted, because the worker is closed", what);
      }
    }

    /** Renews the hold, unless the activity is over. */
    void renew() {
      if (!isOver() && !task.renew(hold) && !isOver() && !isTakenAgain() && lose()) {
        underWay.remove(this);
        LOG.warn("{}: its hold is lost, or it is over; interrupting its handler", what);
      }
    }

    private boolean isOver() {
      return task.isSettled() || !underWay.contains(this);
    }

    /** Whether it is held under another token, because it was taken again. */
    private boolean isTakenAgain() {
      taking.lock();
      try {
        return task.renew(hold);
      } finally {
        taking.unlock();
      }
    }

    /** Takes over the token, if this is what was taken. */
    synchronized boolean goOnUnder(ActivityClient.Taken taken) {
      return !isLost && task.goOnUnder(taken);
    }

    /** Interrupts the handler; false if it has ended, so that its result is being reported. */
    private synchronized boolean lose() {
      if (hasEnded) {
        return false;
      }
      isLost = true;
      if (watch != null) {
        watch.interrupt();
      }
      return true;
    }
  }

  /**
   * Builds {@link ActivityWorker}. The options that {@link WorkflowHost.Builder} has too mean the
   * same. Not thread-safe.
   */
  public static final class Builder {
    private final PersistenceProvider provider;
    private final Map<String, Activity<?, ?>> activities = new LinkedHashMap<>();
    private @Nullable ObjectMapper mapper;
    private @Nullable String name;
    private Duration hold = Duration.ofSeconds(30);
    private Duration closeTimeout = Duration.ofSeconds(20);
    private Duration minPoll = Duration.ofMillis(50);
    private Duration maxPoll = Duration.ofSeconds(5);
    private int threads = BuilderChecks.defaultThreads();
    private @Nullable ExecutorService executor;

    private Builder(PersistenceProvider provider) {
      this.provider = provider;
    }

    /**
     * Adds an activity type that the worker does.
     *
     * @param handler called by many threads at a time
     * @throws WorkflowDefinitionException if the worker has a handler for a type of this name, or
     *     if the name is longer than 1,024 bytes of UTF-8
     */
    public <I, O> Builder activity(ActivityType<I, O> type, ActivityHandler<I, O> handler) {
      Names.require("The name of an activity type", type.name());
      Activity<?, ?> added = new Activity<>(type, Objects.requireNonNull(handler, "handler"));
      if (activities.putIfAbsent(type.name(), added) != null) {
        throw new WorkflowDefinitionException(
            "Activity type '%s' has a handler already".formatted(type.name()));
      }
      return this;
    }

    /**
     * Sets how many activities the worker does at a time: 4 for each processor, at least 16, by
     * default.
     *
     * @param count at least 1
     */
    public Builder threads(int count) {
      threads = BuilderChecks.atLeastOne("threads", count);
      return this;
    }

    /**
     * Calls handlers on these threads, such as virtual threads; still at most {@link #threads} at a
     * time. The worker shuts the executor down when it is closed.
     */
    public Builder executor(ExecutorService service) {
      executor = Objects.requireNonNull(service, "service");
      return this;
    }

    /**
     * Sets how long an activity is held: 30 seconds by default. The hold is renewed while the
     * handler works; if the worker dies, others can take the activity after this time.
     *
     * @param duration 1 second to 1 day, by the database's clock
     */
    public Builder hold(Duration duration) {
      hold = BuilderChecks.between("hold", duration, Duration.ofSeconds(1), Duration.ofDays(1));
      return this;
    }

    /**
     * Sets how often the worker looks for activities when nothing wakes it: after {@code shortest}
     * at first, then less and less often, at least every {@code longest}; 50 ms and 5 s by default.
     * A host in the same process wakes it, if both use the same provider.
     *
     * @param shortest 1 ms to 1 hour
     * @param longest {@code shortest} to 1 hour
     */
    public Builder polling(Duration shortest, Duration longest) {
      minPoll =
          BuilderChecks.between("shortest", shortest, Duration.ofMillis(1), Duration.ofHours(1));
      maxPoll = BuilderChecks.between("longest", longest, shortest, Duration.ofHours(1));
      return this;
    }

    /**
     * Sets how long {@link ActivityWorker#close} waits for handlers: 20 s by default.
     *
     * @param duration 0 to 1 hour
     */
    public Builder closeTimeout(Duration duration) {
      closeTimeout =
          BuilderChecks.between("closeTimeout", duration, Duration.ZERO, Duration.ofHours(1));
      return this;
    }

    /**
     * Sets the name of the worker, for those who look at what it holds: by default the process and
     * a random id.
     *
     * @param worker not empty, at most 1,024 bytes of UTF-8
     */
    public Builder name(String worker) {
      name = BuilderChecks.name(worker);
      return this;
    }

    /**
     * Sets the mapper for inputs and outputs. By default it is a mapper with the modules that are
     * on the class path.
     */
    public Builder objectMapper(ObjectMapper given) {
      mapper = Objects.requireNonNull(given, "mapper");
      return this;
    }

    /**
     * Builds the worker, which takes nothing until it is started.
     *
     * @throws WorkflowDefinitionException if no activity was added, or Jackson cannot map the
     *     classes of one
     */
    public ActivityWorker build() {
      if (activities.isEmpty()) {
        throw new WorkflowDefinitionException("An activity worker needs a handler");
      }
      HostJson json = mapper == null ? HostJson.standard() : new HostJson(mapper);
      for (Activity<?, ?> activity : activities.values()) {
        String where = "Activity type '%s'".formatted(activity.type().name());
        json.requireMappable(where, activity.type().input());
        json.requireMappable(where, activity.type().output());
      }
      return new ActivityWorker(this, json);
    }
  }
}
