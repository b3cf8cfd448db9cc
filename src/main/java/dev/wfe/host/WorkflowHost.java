package dev.wfe.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Registration;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
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
  private static final Duration FOREVER = Duration.ofDays(1);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);
  private static final Duration WATCH = Duration.ofMinutes(1);
  private static final Duration STORE_PATIENCE = Duration.ofSeconds(1);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
  private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(1);

  private final PersistenceProvider provider;
  private final HostJson json;
  private final StoreClock clock = new StoreClock();
  private final StoreClient client;
  private final Definitions definitions;
  private final HostSettings settings;
  private final Duration closeTimeout;
  private final ExecutorService workers;
  private final Runs runs;
  private final EventDelivery events;
  private final Pace claimPace;
  private final Pace eventPace;
  private final Pace flushPace;
  private final CountDownLatch stepsEnded = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private final Thread writer = newThread("writes", this::flushLoop);
  private volatile State state = State.NEW;
  private @Nullable Registration registration;

  private enum State {
    NEW,
    RUNNING,
    /** Nothing is claimed any more; steps under way go on. */
    CLOSING,
    /** No step is waited for any more; what they reported is stored. */
    STORING,
    CLOSED
  }

  private WorkflowHost(Builder builder) {
    provider = builder.provider;
    json = builder.mapper == null ? HostJson.standard() : new HostJson(builder.mapper);
    definitions = new Definitions(builder.workflows, json);
    settings =
        new HostSettings(
            builder.owner == null ? processName() : builder.owner,
            builder.lease,
            2 * builder.workers,
            builder.maxBytes,
            builder.minPoll,
            builder.maxPoll);
    closeTimeout = builder.closeTimeout;
    workers = builder.newWorkers();
    client = new StoreClient(provider, json, clock);
    claimPace = new Pace(settings.minPoll(), settings.maxPoll());
    eventPace = new Pace(settings.minPoll(), settings.maxPoll());
    flushPace = new Pace(FOREVER, FOREVER);
    runs =
        new Runs(
            provider,
            definitions,
            json,
            settings,
            clock,
            clock::set,
            this::execute,
            step -> {},
            flushPace::wake,
            claimPace::wakeAfter);
    events = new EventDelivery(provider, definitions, json, settings, clock);
  }

  /** Begins a host on the provider, which stays open when the host is closed. */
  public static Builder builder(PersistenceProvider provider) {
    return new Builder(Objects.requireNonNull(provider, "provider"));
  }

  private static String processName() {
    return ManagementFactory.getRuntimeMXBean().getName() + "-" + UUID.randomUUID();
  }

  private void execute(Runnable step) {
    try {
      workers.execute(step);
    } catch (RejectedExecutionException closed) {
      LOG.debug("The host is closing; the step stays due");
    }
  }

  /**
   * Compares the definitions with the stored ones, and begins to execute workflows. Has no effect
   * if the host is running.
   *
   * @throws WorkflowDefinitionException if a definition differs from the stored one of its version
   * @throws dev.wfe.persistence.StoreUnavailableException if the database cannot be reached
   * @throws IllegalStateException if the host was closed: build a new one
   */
  public synchronized void start() {
    if (state == State.RUNNING) {
      return;
    }
    if (state != State.NEW) {
      throw new IllegalStateException(
          "This host was closed, and a closed host cannot be started again: build a new one");
    }
    definitions.register(provider);
    registration =
        provider.onWorkDue(
            () -> {
              claimPace.wake();
              eventPace.wake();
            });
    state = State.RUNNING;
    begin(newThread("claims", this::claimLoop));
    begin(newThread("events", this::eventLoop));
    begin(writer);
    begin(newThread("leases", this::renewLoop));
    begin(newThread("watch", this::watchLoop));
  }

  private static Thread newThread(String name, Runnable work) {
    Thread thread = new Thread(work, "wfe-host-" + name);
    thread.setDaemon(true);
    return thread;
  }

  private void begin(Thread loop) {
    threads.add(loop);
    loop.start();
  }

  /** One turn of a loop; returns when the next one is due at the latest. */
  @FunctionalInterface
  private interface Turn {
    Duration run() throws InterruptedException;
  }

  private void loop(String what, Pace pace, State last, Turn turn) {
    int failures = 0;
    while (state.compareTo(last) <= 0) {
      try {
        if (failures > 0) {
          pause(failures);
        }
        Duration atMost = turn.run();
        failures = 0;
        pace.pause(atMost);
      } catch (InterruptedException closing) {
        LOG.debug("Interrupted while the host is {}", state);
      } catch (RuntimeException | Error failure) {
        failures++;
        if (state == State.RUNNING) {
          LOG.warn("The host cannot {}; trying again", what, failure);
        }
      }
    }
  }

  /**
   * Waits after a failure, twice as long after each failure in a row; not longer than until the
   * steps have ended.
   */
  private void pause(int failures) throws InterruptedException {
    Duration pause = settings.minPoll().multipliedBy(1L << Math.min(failures - 1, 20));
    long most = Math.min(MAX_PAUSE.toMillis(), settings.lease().toMillis() / 6);
    boolean unused = stepsEnded.await(Math.min(most, pause.toMillis()), TimeUnit.MILLISECONDS);
  }

  private void claimLoop() {
    loop(
        "claim workflows",
        claimPace,
        State.RUNNING,
        () -> {
          Runs.Claimed claimed = runs.claim();
          if (claimed.count() > 0) {
            claimPace.found();
            return runs.free() > 0 ? Duration.ZERO : settings.maxPoll();
          }
          return claimed.untilNextDue().orElse(settings.maxPoll());
        });
  }

  private void eventLoop() {
    loop(
        "deliver events",
        eventPace,
        State.RUNNING,
        () -> {
          clock.awaitFirstReading();
          if (events.deliver()) {
            eventPace.found();
            claimPace.wake();
            return Duration.ZERO;
          }
          return settings.maxPoll();
        });
  }

  private void flushLoop() {
    loop(
        "store outcomes",
        flushPace,
        State.CLOSING,
        () -> {
          return runs.flush() ? Duration.ZERO : FOREVER;
        });
    storeTheRest();
  }

  /** Stores what steps reported before the host was closed, unless the database is away. */
  private void storeTheRest() {
    try {
      boolean more = true;
      while (more && state == State.STORING) {
        more = runs.flush();
      }
    } catch (RuntimeException | Error failure) {
      LOG.warn("Outcomes could not be stored; their steps are executed again", failure);
    }
  }

  private void renewLoop() {
    Pace pace = new Pace(settings.lease().dividedBy(3), settings.lease().dividedBy(3));
    loop(
        "renew leases",
        pace,
        State.CLOSING,
        () -> {
          runs.renew();
          return FOREVER;
        });
  }

  private void watchLoop() {
    UnknownDefinitions unknown = new UnknownDefinitions(provider, definitions);
    loop(
        "look for unknown definitions",
        new Pace(WATCH, WATCH),
        State.RUNNING,
        () -> {
          unknown.look();
          return FOREVER;
        });
  }

  /**
   * Returns a client whose operations run on another view of the provider, such as one that is
   * bound to a transaction: {@code host.using(provider.within(connection))}.
   */
  public WorkflowClient using(PersistenceProvider view) {
    return new StoreClient(view, json, clock);
  }

  /**
   * Ends the host: claims nothing more, waits for steps under way up to the time that the builder
   * was given, interrupts the others, and gives all leases back, so that other hosts go on at once.
   * If the database is away, outcomes that are not stored are lost, and the leases expire; their
   * steps are executed again. Idempotent.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (state.compareTo(State.CLOSING) >= 0) {
        return;
      }
      state = State.CLOSING;
    }
    if (registration != null) {
      registration.close();
    }
    claimPace.wake();
    eventPace.wake();
    workers.shutdown();
    boolean interrupted = false;
    try {
      if (!workers.awaitTermination(closeTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("Steps were still executing after {}; interrupting them", closeTimeout);
      }
    } catch (InterruptedException interrupt) {
      interrupted = true;
    }
    state = State.STORING;
    stepsEnded.countDown();
    flushPace.wake();
    interrupted |= join(List.of(writer), System.nanoTime() + STORE_PATIENCE.toNanos());
    state = State.CLOSED;
    threads.forEach(Thread::interrupt);
    long end = System.nanoTime() + CLOSE_PATIENCE.toNanos();
    interrupted |= join(threads, end);
    workers.shutdownNow();
    Thread release = newThread("release", this::release);
    release.start();
    end = Math.max(end, System.nanoTime() + RELEASE_PATIENCE.toNanos());
    interrupted |= join(List.of(release), end);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void release() {
    try {
      runs.abandon();
    } catch (RuntimeException failure) {
      LOG.warn("The leases could not be given back; they expire", failure);
    }
  }

  /**
   * Waits for the threads, which end soon unless the database does not answer.
   *
   * @param end until when, as {@link System#nanoTime}
   * @return whether the calling thread was interrupted
   */
  private static boolean join(List<Thread> threads, long end) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      long left = 1;
      while (thread.isAlive() && left > 0) {
        left = (end - System.nanoTime()) / 1_000_000;
        try {
          thread.join(Math.max(1, left));
        } catch (InterruptedException interrupt) {
          interrupted = true;
        }
      }
    }
    return interrupted;
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

  /** Builds {@link WorkflowHost}; not thread-safe. */
  public static final class Builder {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final PersistenceProvider provider;
    private final List<Workflow<?>> workflows = new ArrayList<>();
    private @Nullable ObjectMapper mapper;
    private @Nullable String owner;
    private Duration lease = Duration.ofSeconds(30);
    private Duration closeTimeout = Duration.ofSeconds(20);
    private Duration minPoll = Duration.ofMillis(50);
    private Duration maxPoll = Duration.ofSeconds(5);
    private long maxBytes = 32L * 1024 * 1024;
    private int workers = Math.max(16, 4 * Runtime.getRuntime().availableProcessors());
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
     * Sets how many steps the host executes at a time: 4 for each processor, at least 16, by
     * default.
     *
     * @param count at least 1
     */
    public Builder workers(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("workers has to be at least 1, not " + count);
      }
      workers = count;
      return this;
    }

    /**
     * Executes steps on these threads, such as virtual threads. The host shuts the executor down
     * when it is closed. It decides how many steps are executed at a time; at most twice {@link
     * #workers} instances are claimed.
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
      lease = requireBetween("lease", duration, Duration.ofSeconds(1), Duration.ofDays(1));
      return this;
    }

    /**
     * Sets how often the host looks for work when nothing wakes it: after {@code shortest} at
     * first, then less and less often, at least every {@code longest}; 50 ms and 5 s by default.
     */
    public Builder polling(Duration shortest, Duration longest) {
      minPoll = requireBetween("shortest", shortest, Duration.ofMillis(1), Duration.ofHours(1));
      maxPoll = requireBetween("longest", longest, shortest, Duration.ofHours(1));
      return this;
    }

    /** Sets how long {@link WorkflowHost#close} waits for steps under way: 20 s by default. */
    public Builder closeTimeout(Duration duration) {
      closeTimeout = requireBetween("closeTimeout", duration, Duration.ZERO, Duration.ofHours(1));
      return this;
    }

    /** Sets the name of the host in leases: by default the process and a random id. */
    public Builder name(String unique) {
      owner = Objects.requireNonNull(unique, "name");
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

    private static Duration requireBetween(
        String name, Duration duration, Duration least, Duration most) {
      Objects.requireNonNull(duration, name);
      if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
        throw new IllegalArgumentException(
            "%s is %s, not between %s and %s".formatted(name, duration, least, most));
      }
      return duration;
    }

    private ExecutorService newWorkers() {
      if (executor != null) {
        return executor;
      }
      return Executors.newFixedThreadPool(
          workers,
          step -> {
            Thread thread = new Thread(step, "wfe-worker-" + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
          });
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
          new Definitions(workflows, json),
          json,
          new HostSettings(
              owner == null ? processName() : owner,
              lease,
              Integer.MAX_VALUE,
              maxBytes,
              minPoll,
              maxPoll),
          clock);
    }

    /**
     * Builds the host, which executes nothing until it is started.
     *
     * @throws WorkflowDefinitionException if Jackson cannot map a class of a definition, or a
     *     version is given twice
     */
    public WorkflowHost build() {
      return new WorkflowHost(this);
    }
  }
}
