package dev.wfe.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.host.Lifecycle.State;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.retention.Retention;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes workflows: claims due instances of the definitions that it knows, executes their steps,
 * stores the outcomes, and delivers events. Any number of hosts, in any number of processes, share
 * the work on one database; they need not know each other. If a host dies, the others take over its
 * work when its leases expire.
 *
 * <p>While the database cannot be reached, the host pauses and tries again. Thread-safe.
 */
public final class WorkflowHost implements WorkflowClient, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkflowHost.class);

  private final PersistenceProvider provider;
  private final HostJson json;
  private final StoreClock clock = new StoreClock();
  private final StoreClient client;
  private final Definitions definitions;
  private final List<Schedule<?>> schedules;
  private final HostSettings settings;
  private final Duration closeTimeout;
  private final ExecutorService workers;
  private final Runs runs;
  private final EventDelivery events;
  private final Pace claimPace;
  private final Pace eventPace;
  private final Pace flushPace;
  private final Lifecycle life;
  private final DueWatch watch;
  private final Presence presence;
  private volatile @Nullable Instant lastContact;

  private WorkflowHost(Builder builder) {
    provider = builder.provider;
    json = builder.mapper == null ? HostJson.standard() : new HostJson(builder.mapper);
    definitions = new Definitions(builder.workflows, builder.schedules, json);
    schedules = List.copyOf(builder.schedules);
    settings =
        new HostSettings(
            builder.owner == null ? Ids.ofProcess() : builder.owner,
            builder.lease,
            2 * builder.workers,
            8 * builder.workers,
            builder.maxBytes,
            builder.minPoll,
            builder.maxPoll);
    closeTimeout = builder.closeTimeout;
    workers = builder.newWorkers();
    client = StoreClient.ofHost(provider, json, clock);
    Listeners listeners = new Listeners(builder.listeners);
    claimPace = new Pace(settings.minPoll(), settings.maxPoll());
    eventPace = new Pace(settings.minPoll(), settings.maxPoll());
    flushPace = new Pace(Pace.FOREVER, Pace.FOREVER);
    runs =
        new Runs(
            provider,
            definitions,
            json,
            settings,
            clock,
            this::answered,
            this::execute,
            step -> {},
            listeners,
            flushPace::wake,
            claimPace::wakeAfter);
    events =
        new EventDelivery(
            provider, definitions, json, settings, clock, client::terminate, listeners);
    life = new Lifecycle("host", LOG, settings.minPoll(), settings.lease());
    Pace renewals = new Pace(settings.lease().dividedBy(3), settings.lease().dividedBy(3));
    watch = new DueWatch(provider, definitions, clock, listeners);
    life.loop("claims", "claim workflows", claimPace, State.RUNNING, this::claim);
    life.loop("events", "deliver events", eventPace, State.RUNNING, this::deliver);
    life.loop(
        "writes", "store outcomes", flushPace, State.CLOSING, this::flush, this::storeTheRest);
    life.loop("leases", "renew leases", renewals, State.CLOSING, () -> idleAfter(runs::renew));
    life.loop(
        "watch",
        "look for due work",
        new Pace(builder.watchInterval, builder.watchInterval),
        State.RUNNING,
        this::look);
    presence = new Presence(provider, settings.owner(), Presence.VALIDITY, definitions);
    life.loopBeside(
        "heartbeat",
        "register itself",
        new Pace(Presence.INTERVAL, Presence.INTERVAL),
        State.RUNNING,
        () -> idleAfter(presence::sendHeartbeat));
    if (!builder.retention.isEmpty()) {
      RetentionLoop retention = new RetentionLoop(provider, builder.retention, listeners);
      life.loop(
          "purge", "purge", new Pace(Pace.FOREVER, Pace.FOREVER), State.RUNNING, retention::turn);
    }
  }

  private void answered(Instant time) {
    clock.set(time);
    lastContact = Instant.now();
  }

  /** Begins a host on the provider, which stays open when the host is closed. */
  public static Builder builder(PersistenceProvider provider) {
    return new Builder(Objects.requireNonNull(provider, "provider"));
  }

  private void execute(Runnable step) {
    try {
      workers.execute(step);
    } catch (RejectedExecutionException closed) {
      LOG.debug("The host is closing; the step stays due");
    }
  }

  /**
   * Compares the definitions with the stored ones, stores the schedules, and begins to execute
   * workflows. Has no effect if the host is running.
   *
   * @throws WorkflowDefinitionException if a definition differs from the stored one of its version
   * @throws dev.wfe.persistence.StoreUnavailableException if the database cannot be reached
   * @throws IllegalStateException if the host was closed: build a new one
   */
  public void start() {
    life.start(this::register, provider, List.of(claimPace, eventPace));
  }

  private void register() {
    definitions.register(provider);
    schedules.forEach(client.schedules()::schedule);
  }

  /**
   * Starts the host, and blocks until it is closed. When the JVM is asked to end, such as by
   * SIGTERM, the host is closed, and the JVM does not end before. So a {@code main} needs no more
   * than {@code try (var provider = …) { …; host.run(); }}: the provider is closed after the host.
   *
   * @throws InterruptedException if the thread was interrupted; the host is closed
   * @throws WorkflowDefinitionException as {@link #start}
   * @throws dev.wfe.persistence.StoreUnavailableException as {@link #start}; nothing was started
   * @throws IllegalStateException as {@link #start}
   */
  public void run() throws InterruptedException {
    life.run(this::start, this::close);
  }

  private static Duration idleAfter(Runnable turn) {
    turn.run();
    return Pace.FOREVER;
  }

  private Duration claim() {
    Runs.Claimed claimed = runs.claim();
    if (claimed.count() > 0) {
      claimPace.found();
      return runs.claimsAgain() ? Duration.ZERO : settings.maxPoll();
    }
    return claimed.untilNextDue().orElse(settings.maxPoll());
  }

  private Duration deliver() throws InterruptedException {
    clock.awaitFirstReading();
    boolean isProgress = events.deliver();
    lastContact = Instant.now();
    if (isProgress) {
      eventPace.found();
      claimPace.wake();
      return Duration.ZERO;
    }
    return settings.maxPoll();
  }

  private Duration look() throws InterruptedException {
    if (!definitions.versions().isEmpty()) {
      clock.awaitFirstReading();
    }
    watch.look();
    lastContact = Instant.now();
    return Pace.FOREVER;
  }

  private Duration flush() {
    return runs.flush() ? Duration.ZERO : Pace.FOREVER;
  }

  /** Stores what steps reported before the host was closed, unless the database is away. */
  private void storeTheRest() {
    try {
      boolean more = true;
      while (more && life.state() == State.STORING) {
        more = runs.flush();
      }
    } catch (RuntimeException | Error failure) {
      LOG.warn("Outcomes could not be stored; their steps are executed again", failure);
    }
  }

  /**
   * Returns a client whose operations run on another view of the provider, such as one that is
   * bound to a transaction: {@code host.using(provider.within(connection))}.
   */
  public WorkflowClient using(PersistenceProvider view) {
    return StoreClient.ofHost(view, json, clock);
  }

  /**
   * Ends the host: claims nothing more, begins no step, gives back at once the workflows of which
   * it executes no step, waits for steps under way up to the time that the builder was given,
   * interrupts the others, and gives all leases back, so that other hosts go on at once. If the
   * database is away, outcomes that are not stored are lost, and the leases expire; their steps are
   * executed again. Idempotent; a second call waits until the first one has returned.
   */
  @Override
  public void close() {
    life.close(workers, closeTimeout, presence.endingAfter(runs));
  }

  /** How the host is, without a call to the database. */
  public HostHealth health() {
    return new HostHealth(
        life.isRunning(),
        life.failingSince(),
        lastContact,
        watch.lag(),
        watch.unknownDefinitions());
  }

  /** How many instances it executes. */
  int size() {
    return runs.size();
  }

  @Override
  public <D> StartResult startWorkflow(Workflow<D> workflow, D data, StartOptions options) {
    return client.startWorkflow(workflow, data, options);
  }

  @Override
  public <D> List<ItemResult<StartResult>> startWorkflows(
      Workflow<D> workflow, List<Start<D>> starts) {
    return client.startWorkflows(workflow, starts);
  }

  @Override
  public ScheduleClient schedules() {
    return client.schedules();
  }

  @Override
  public <E> String publish(EventType<E> type, String key, E payload) {
    return client.publish(type, key, payload);
  }

  @Override
  public <E> boolean publishOnce(String id, EventType<E> type, String key, E payload) {
    return client.publishOnce(id, type, key, payload);
  }

  @Override
  public <D> WorkflowState<D> state(Workflow<D> workflow, String id) {
    return client.state(workflow, id);
  }

  @Override
  public <D> WorkflowState<D> awaitEnd(Workflow<D> workflow, String id, Duration time)
      throws InterruptedException, TimeoutException {
    return client.awaitEnd(workflow, id, time);
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
    return client.resume(id);
  }

  @Override
  public int retry(String id) {
    return client.retry(id);
  }

  @Override
  public boolean terminate(String id) {
    return client.terminate(id);
  }

  @Override
  public List<StepState> rerun(String id, String step) {
    return client.rerun(id, step);
  }

  @Override
  public <D> List<StepState> rerun(
      Workflow<D> workflow, String id, String step, UnaryOperator<D> change) {
    return client.rerun(workflow, id, step, change);
  }

  @Override
  public List<StepState> cancel(String id, String step) {
    return client.cancel(id, step);
  }

  @Override
  public boolean move(String id, Workflow<?> target, StepMapping mapping) {
    return client.move(id, target, mapping);
  }

  @Override
  public BulkControl all(Collection<String> ids) {
    return client.all(ids);
  }

  /** Builds {@link WorkflowHost}; not thread-safe. */
  public static final class Builder {
    private final PersistenceProvider provider;
    private final List<Workflow<?>> workflows = new ArrayList<>();
    private final List<Schedule<?>> schedules = new ArrayList<>();
    private @Nullable ObjectMapper mapper;
    private @Nullable String owner;
    private Duration lease = Duration.ofSeconds(30);
    private Duration closeTimeout = Duration.ofSeconds(20);
    private Duration minPoll = Duration.ofMillis(50);
    private Duration maxPoll = Duration.ofSeconds(6);
    private Duration watchInterval = Duration.ofMinutes(1);
    private final List<HostListener> listeners = new ArrayList<>();
    private Retention retention = Retention.builder().build();
    private long maxBytes = 32L * 1024 * 1024;
    private int workers = BuilderChecks.defaultThreads();
    private @Nullable ExecutorService executor;

    private Builder(PersistenceProvider provider) {
      this.provider = provider;
    }

    /** Adds a definition. Several versions of one definition may be added. */
    public Builder workflow(Workflow<?> workflow) {
      workflows.add(Objects.requireNonNull(workflow, "workflow"));
      return this;
    }

    /** Adds definitions. */
    public Builder workflows(Iterable<? extends Workflow<?>> more) {
      more.forEach(this::workflow);
      return this;
    }

    /**
     * Adds a schedule. {@link WorkflowHost#start} stores it, as {@link ScheduleClient#schedule}
     * does. It goes on until {@link ScheduleClient#unschedule}, also if later hosts do not add it.
     * Its workflow need not be added. Hosts start schedules that others have added or stored, too.
     */
    public Builder schedule(Schedule<?> schedule) {
      schedules.add(Objects.requireNonNull(schedule, "schedule"));
      return this;
    }

    /** Adds schedules. */
    public Builder schedules(Iterable<? extends Schedule<?>> more) {
      more.forEach(this::schedule);
      return this;
    }

    /**
     * Sets how many steps the host executes at a time: 4 for each processor, at least 16, by
     * default. The host claims twice as many instances, or as many as it executes within 50 ms if
     * these are more, but at most eight times as many.
     *
     * @param count at least 1
     */
    public Builder workers(int count) {
      workers = BuilderChecks.atLeastOne("workers", count);
      return this;
    }

    /**
     * Executes steps on these threads, such as virtual threads. The host shuts the executor down
     * when it is closed. It decides how many steps are executed at a time; {@link #workers} decides
     * how many instances are claimed.
     */
    public Builder executor(ExecutorService threads) {
      executor = Objects.requireNonNull(threads, "threads");
      return this;
    }

    /**
     * Sets how long a lease lasts: 30 seconds by default. It is renewed all the time; if the host
     * dies, its work goes on elsewhere after this time.
     *
     * @param duration 1 second to 1 day
     */
    public Builder lease(Duration duration) {
      lease = BuilderChecks.between("lease", duration, Duration.ofSeconds(1), Duration.ofDays(1));
      return this;
    }

    /**
     * Sets how often the host looks for work when nothing wakes it: after {@code shortest} at
     * first, then less and less often, at least every {@code longest}; 50 ms and 6 s by default.
     */
    public Builder polling(Duration shortest, Duration longest) {
      minPoll =
          BuilderChecks.between("shortest", shortest, Duration.ofMillis(1), Duration.ofHours(1));
      maxPoll = BuilderChecks.between("longest", longest, shortest, Duration.ofHours(1));
      return this;
    }

    /** Sets how long {@link WorkflowHost#close} waits for steps under way: 20 s by default. */
    public Builder closeTimeout(Duration duration) {
      closeTimeout =
          BuilderChecks.between("closeTimeout", duration, Duration.ZERO, Duration.ofHours(1));
      return this;
    }

    /**
     * Sets how often the host looks for due workflows that nobody executes, for {@link
     * WorkflowHost#health}, {@link HostListener#dueWork} and the warnings about unknown
     * definitions: every minute by default.
     *
     * @param duration 1 second to 1 hour
     */
    public Builder watchInterval(Duration duration) {
      watchInterval =
          BuilderChecks.between(
              "watchInterval", duration, Duration.ofSeconds(1), Duration.ofHours(1));
      return this;
    }

    /**
     * Sets for how long the store keeps what: everything for ever by default. The host deletes the
     * rest in the background, at a low rate: up to about 100 rows each second, and it looks every
     * 10 minutes whether there is something to delete. One host with a retention is enough for a
     * store; several may have one. A host without threads ignores it. To purge faster, use {@link
     * dev.wfe.retention.Purge}.
     */
    public Builder retention(Retention kept) {
      retention = Objects.requireNonNull(kept, "kept");
      return this;
    }

    /** Adds a listener. All listeners are told what the host does, in the order of this call. */
    public Builder listener(HostListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Sets the name of the host in leases: by default the process and a random id. Leases, logs and
     * the list of hosts tell hosts apart by it. Hosts with the same name work, and each has a row
     * of its own in the list; but nobody can tell which of them has a lease.
     *
     * @param unique not empty, at most 1,024 bytes of UTF-8
     */
    public Builder name(String unique) {
      owner = BuilderChecks.name(unique);
      return this;
    }

    /**
     * Sets the mapper for data, outputs and events. By default it is a mapper with the modules that
     * are on the class path.
     */
    public Builder objectMapper(ObjectMapper given) {
      mapper = Objects.requireNonNull(given, "mapper");
      return this;
    }

    private ExecutorService newWorkers() {
      if (executor != null) {
        return executor;
      }
      return Lifecycle.newPool("wfe-worker-", workers);
    }

    /**
     * Builds a host without threads, for tests.
     *
     * @param clock the clock of the provider
     * @throws WorkflowDefinitionException as {@link #build}
     */
    public SteppedHost buildStepped(InstantSource clock) {
      HostJson json = mapper == null ? HostJson.standard() : new HostJson(mapper);
      return new SteppedHost(
          provider,
          new Definitions(workflows, schedules, json),
          schedules,
          json,
          new HostSettings(
              owner == null ? Ids.ofProcess() : owner,
              lease,
              Integer.MAX_VALUE,
              Integer.MAX_VALUE,
              maxBytes,
              minPoll,
              maxPoll),
          clock,
          new Listeners(listeners));
    }

    /**
     * Builds the host, which executes nothing until it is started.
     *
     * @throws WorkflowDefinitionException if Jackson cannot map a class of a definition or the data
     *     of a schedule, or a version or a schedule is given twice
     */
    public WorkflowHost build() {
      return new WorkflowHost(this);
    }
  }
}
