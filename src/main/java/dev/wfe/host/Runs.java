package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instances that this host executes. {@link #claim} takes due ones, {@link #flush} stores the
 * outcomes of steps in groups and starts the steps that follow, {@link #renew} keeps the leases.
 *
 * <p>Each of the three may be called by one thread at a time; steps report from any thread.
 */
final class Runs implements Lifecycle.Ending {
  /** For how many instances one flush stores outcomes at most. */
  private static final int MAX_GROUP = 128;

  /** How much data these instances have together, unless it is one alone. */
  private static final long MAX_GROUP_BYTES = 8L * 1024 * 1024;

  /** After so many claims without a write, an instance is suspended. */
  private static final int MAX_CLAIMS_WITHOUT_WRITE = 10;

  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

  private final PersistenceProvider provider;
  private final Definitions definitions;
  private final Engine engine;
  private final HostSettings settings;
  private final InstantSource clock;
  private final Consumer<Instant> databaseTime;
  private final Executor workers;
  private final Listeners listeners;
  private final StepExecutor steps;
  private final NextEvents nextEvents;
  private final Capacity capacity;
  private final Runnable reported;
  private final Consumer<Duration> claimAfter;

  private final Map<Claim, InstanceRun> runs = new ConcurrentHashMap<>();
  private final Set<InstanceRun> waiting = new LinkedHashSet<>();
  private volatile boolean isFull;
  private volatile boolean isDraining;
  private volatile List<Claim> left = List.of();

  /**
   * Creates an empty set of runs.
   *
   * @param databaseTime receives the database's time with each claim
   * @param workers executes steps
   * @param hook is called before each step
   * @param listeners are told what is stored
   * @param reported is called when there is something to flush
   * @param claimAfter is told when there is a reason to claim: the host was full and is not any
   *     more, or it gave back an instance that is due later or whose definition has limits
   */
  Runs(
      PersistenceProvider provider,
      Definitions definitions,
      HostJson json,
      HostSettings settings,
      InstantSource clock,
      Consumer<Instant> databaseTime,
      Executor workers,
      StepExecutor.Hook hook,
      Listeners listeners,
      Runnable reported,
      Consumer<Duration> claimAfter) {
    this.provider = provider;
    this.definitions = definitions;
    this.engine = new Engine(json);
    this.settings = settings;
    this.clock = clock;
    this.databaseTime = databaseTime;
    this.workers = workers;
    this.listeners = listeners;
    this.steps = new StepExecutor(provider, engine, json, clock, hook);
    this.nextEvents = new NextEvents(provider);
    this.capacity = new Capacity(settings.capacity(), settings.maxCapacity(), System.nanoTime());
    this.reported = reported;
    this.claimAfter = claimAfter;
  }

  /** How many more instances the host can execute. */
  int free() {
    return capacity.current() - runs.size();
  }

  private boolean hasRoomForMany() {
    return free() >= Math.max(1, capacity.current() / 4);
  }

  /**
   * Whether to claim again at once, because the host can execute many more. If not, it is told when
   * it can; until then it claims a few whenever it polls.
   */
  boolean claimsAgain() {
    if (hasRoomForMany()) {
      return true;
    }
    isFull = true;
    // Looked at again: instances that ended before the host was marked full have told nobody.
    return hasRoomForMany();
  }

  /** How many instances the host executes. */
  int size() {
    return runs.size();
  }

  /**
   * Claims due instances, as many as the host can execute.
   *
   * @return how many were claimed, and when to claim again at the latest
   */
  Claimed claim() {
    int limit = Math.min(free(), ClaimRequest.MAX_LIMIT);
    if (limit < 1 || definitions.versions().isEmpty()) {
      return new Claimed(0, Optional.empty());
    }
    ClaimedWorkflows claimed =
        provider.claimWorkflows(
            new ClaimRequest(
                settings.owner(),
                definitions.versions(),
                limit,
                settings.maxBytes(),
                settings.lease(),
                definitions.limits()));
    databaseTime.accept(claimed.time());
    listeners.claimed(claimed);
    claimed.workflows().forEach(this::begin);
    capacity.adjust(System.nanoTime(), most(claimed.workflows()));
    return new Claimed(claimed.workflows().size(), Optional.ofNullable(claimed.untilNextDue()));
  }

  /** How many instances as large as the claimed ones the host may hold. */
  private int most(List<ClaimedWorkflow> claimed) {
    long bytes = claimed.stream().mapToLong(one -> JsonSize.of(one.workflow().data())).sum();
    return bytes == 0
        ? Integer.MAX_VALUE
        : (int) Math.min(Integer.MAX_VALUE, settings.maxBytes() * claimed.size() / bytes);
  }

  /**
   * The result of a claim.
   *
   * @param count how many instances were claimed
   * @param untilNextDue when the next one is due, if nothing was claimed and it is known
   */
  record Claimed(int count, Optional<Duration> untilNextDue) {}

  private void begin(ClaimedWorkflow claimed) {
    if (claimed.attempt() > 1) {
      if (goesOn(claimed)) {
        return;
      }
      LOG.info(
          "Took over workflow {}, because the lease of its host has expired (attempt {})",
          claimed.claim().id(),
          claimed.attempt());
    }
    InstanceRun run = new InstanceRun(graphOf(claimed), claimed.claim(), claimed.workflow());
    runs.put(claimed.claim(), run);
    if (claimed.attempt() > MAX_CLAIMS_WITHOUT_WRITE) {
      block(
          run,
          "The workflow was claimed %s times, and no host wrote it: a step may end the process"
              .formatted(claimed.attempt() - 1));
    }
    report(run);
  }

  /** Only definitions that the host knows are claimed. */
  private Graph<?> graphOf(ClaimedWorkflow claimed) {
    return Objects.requireNonNull(definitions.of(claimed.workflow()));
  }

  /** Whether this host executes the instance under an older lease, which expired in an outage. */
  private boolean goesOn(ClaimedWorkflow claimed) {
    for (InstanceRun run : runs.values()) {
      Claim older = run.claim();
      if (older.id().equals(claimed.claim().id())
          && run.goOnUnder(claimed.claim(), graphOf(claimed), claimed.workflow())) {
        runs.put(claimed.claim(), run);
        runs.remove(older);
        report(run);
        return true;
      }
    }
    return false;
  }

  /** Queues the run: the next flush stores its outcomes. */
  private void report(InstanceRun run) {
    synchronized (waiting) {
      waiting.add(run);
    }
    reported.run();
  }

  private List<InstanceRun> nextGroup() {
    synchronized (waiting) {
      List<InstanceRun> group = new ArrayList<>();
      long bytes = 0;
      for (InstanceRun run : waiting) {
        bytes += JsonSize.of(run.current().live().data());
        if (group.size() == MAX_GROUP || (!group.isEmpty() && bytes > MAX_GROUP_BYTES)) {
          break;
        }
        group.add(run);
      }
      group.forEach(waiting::remove);
      return group;
    }
  }

  /** The write of a run's outcomes. */
  private record Pending(
      InstanceRun run,
      Claim claim,
      LiveWorkflow base,
      List<Outcome> outcomes,
      WorkflowWrite write,
      boolean keeps) {}

  /**
   * Stores what steps have reported, in one write for up to {@value #MAX_GROUP} instances.
   *
   * @return whether there was anything to do
   * @throws StoreException if the database cannot be reached; the next flush tries again
   */
  boolean flush() {
    List<InstanceRun> group = nextGroup();
    try {
      reload(group.stream().filter(InstanceRun::isOutdated).toList());
      List<Pending> pending = new ArrayList<>();
      List<Claim> idle = new ArrayList<>();
      for (InstanceRun run : group) {
        if (run.isOutdated() && !run.isOver()) {
          report(run);
        } else if (!run.isOver()) {
          prepareOrLeave(run, idle).ifPresent(pending::add);
        }
      }
      write(pending);
      if (!idle.isEmpty()) {
        provider.release(idle);
        group.stream().filter(InstanceRun::isOver).forEach(this::freed);
      }
    } catch (RuntimeException | Error failure) {
      group.stream().filter(run -> !run.isOver()).forEach(this::report);
      throw failure;
    }
    return !group.isEmpty();
  }

  private Optional<Pending> prepareOrLeave(InstanceRun run, List<Claim> idle) {
    try {
      return prepare(run, idle);
    } catch (RuntimeException | Error unexpected) {
      LOG.error(
          "Workflow {} cannot go on; it stays leased until the lease expires",
          run.claim().id(),
          unexpected);
      end(run);
      return Optional.empty();
    }
  }

  private Optional<Pending> prepare(InstanceRun run, List<Claim> idle) {
    Claim claim = run.claim();
    InstanceRun.Current current = run.current();
    LiveWorkflow base = current.live();
    List<Outcome> outcomes = run.outcomes();
    Instant now = clock.instant();
    Progress progress = engine.apply(current.graph(), base, outcomes, now);
    boolean begins = progress.hasWork() || hasOverdue(current.graph(), progress.next(), now);
    boolean keeps = (begins && !isDraining) || run.isExecutingOthers(outcomes);
    if (progress.isChange()) {
      WorkflowWrite write =
          progress
              .write()
              .under(
                  claim, keeps ? WorkflowWrite.LeaseAction.KEEP : WorkflowWrite.LeaseAction.RELEASE)
              .build();
      run.releasing(!keeps);
      return Optional.of(new Pending(run, claim, base, outcomes, write, keeps));
    }
    if (!run.stored(base, base, outcomes)) {
      report(run);
    } else if (keeps) {
      dispatch(run);
    } else {
      end(run);
      idle.add(run.claim());
    }
    return Optional.empty();
  }

  private static boolean hasOverdue(Graph<?> graph, LiveWorkflow live, Instant now) {
    return live.status() == WorkflowStatus.RUNNABLE
        && live.pointers().stream()
            .anyMatch(
                pointer -> Engine.isOverdue(pointer, now) || Recurring.isDue(graph, pointer, now));
  }

  /**
   * Stores the outcomes. If it stays unknown whether they are stored, they are written again: that
   * write is refused as stale, or because the lease has ended.
   */
  private void write(List<Pending> pending) {
    if (pending.isEmpty()) {
      return;
    }
    List<ItemResult<WriteResult>> results;
    try {
      results = provider.writeAll(pending.stream().map(Pending::write).toList());
    } catch (UnknownOutcomeException unknown) {
      LOG.warn("It is unknown whether {} writes are stored; trying again", pending.size());
      pending.forEach(item -> report(item.run()));
      return;
    } catch (StoreException failure) {
      if (failure.retryable()) {
        throw failure;
      }
      if (pending.size() == 1) {
        settle(pending.get(0), new ItemResult.Refused<>(failure));
      } else { // such as writes that are too large together
        write(pending.subList(0, pending.size() / 2));
        write(pending.subList(pending.size() / 2, pending.size()));
      }
      return;
    }
    listeners.tell(listener -> listener.written(pending.size()));
    for (int i = 0; i < results.size(); i++) {
      settle(pending.get(i), results.get(i));
    }
  }

  private void settle(Pending item, ItemResult<WriteResult> result) {
    InstanceRun run = item.run();
    if (result instanceof ItemResult.Written<WriteResult> written) {
      tellStored(run, item.base(), item.outcomes(), item.write());
      boolean isCurrent = run.stored(item.base(), written.value().workflow(), item.outcomes());
      proceed(run, isCurrent, item.keeps(), item.write());
      Failures.logSuspension(LOG, item.write());
      return;
    }
    StoreException reason = ((ItemResult.Refused<WriteResult>) result).reason();
    if (reason instanceof StaleRevisionException) {
      listeners.tell(listener -> listener.writeStale(run.current().graph().definition()));
      run.outdate();
      report(run);
    } else if (reason instanceof LeaseLostException && !item.claim().equals(run.claim())) {
      report(run);
    } else if (reason instanceof LeaseLostException) {
      LOG.warn("Workflow {} was taken over; leaving it", run.claim().id());
      lose(run);
    } else if (reason instanceof NotFoundException) {
      LOG.warn("Workflow {} was deleted; leaving it", run.claim().id());
      end(run);
    } else if (reason.retryable()) {
      report(run);
    } else if (item.outcomes().stream().anyMatch(Outcome.Blocked.class::isInstance)) {
      LOG.error(
          "Workflow {} cannot be suspended; it stays leased until the lease expires",
          run.claim().id(),
          reason);
      end(run);
    } else {
      LOG.warn("The outcome of workflow {} is refused; suspending it", run.claim().id(), reason);
      block(run, Failures.message(reason));
      report(run);
    }
  }

  /** Goes on after a write. */
  private void proceed(InstanceRun run, boolean isCurrent, boolean keeps, WorkflowWrite write) {
    if (!keeps) {
      end(run);
      freed(run);
      Long due = write.workflow().nextExecution();
      if (due != null) {
        claimAfter.accept(Duration.between(clock.instant(), Instant.ofEpochMilli(due)));
      }
    } else if (isCurrent) {
      dispatch(run);
    } else {
      report(run);
    }
  }

  /** Makes the next write suspend the instance. */
  private static void block(InstanceRun run, String message) {
    List<Outcome> outcomes = run.outcomes();
    List<String> blocked =
        outcomes.isEmpty()
            ? run.live().pointers().stream()
                .filter(pointer -> !pointer.status().isEnd() && !Engine.isHeld(pointer))
                .map(ExecutionPointer::id)
                .limit(1)
                .toList()
            : outcomes.stream().map(Outcome::pointerId).distinct().toList();
    run.replace(blocked.stream().<Outcome>map(id -> new Outcome.Blocked(id, message)).toList());
  }

  /** Reads instances again, after making sure that their leases are not lost. */
  private void reload(List<InstanceRun> outdated) {
    if (outdated.isEmpty()) {
      return;
    }
    List<Claim> claims = outdated.stream().map(InstanceRun::claim).toList();
    List<Integer> known = outdated.stream().map(InstanceRun::news).toList();
    Set<Claim> renewed = provider.renew(claims, settings.lease());
    Map<String, LiveWorkflow> byId = new LinkedHashMap<>();
    provider
        .getLiveWorkflows(claims.stream().map(Claim::id).toList())
        .forEach(live -> byId.put(live.id(), live));
    List<Claim> unknown = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      InstanceRun run = outdated.get(i);
      LiveWorkflow live = byId.get(run.claim().id());
      if (live == null) {
        LOG.warn("Workflow {} was deleted or cannot be read; leaving it", run.claim().id());
        end(run);
      } else if (!claims.get(i).equals(run.claim())) {
        report(run);
      } else if (renewed.contains(run.claim())) {
        Graph<?> graph = definitions.of(live);
        if (graph == null) {
          LOG.info(
              "Workflow {} was moved to version {}, which this host does not have; leaving it",
              live.id(),
              live.version());
          end(run);
          unknown.add(claims.get(i));
        } else {
          run.reload(graph, live, known.get(i));
        }
      } else {
        lose(run);
      }
    }
    if (!unknown.isEmpty()) {
      provider.release(unknown);
    }
  }

  /**
   * Begins what can be begun. If nothing is under way then, the next flush gives the run back:
   * steps that ended at the same time may have kept the lease for each other.
   */
  private void dispatch(InstanceRun run) {
    if (!isDraining && run.live().status() == WorkflowStatus.RUNNABLE) {
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
      report(run);
    }
  }

  private void begin(InstanceRun run, ExecutionPointer pointer, Runnable work) {
    if (run.begin(pointer)) {
      workers.execute(() -> guarded(run, pointer, work));
    }
  }

  /** The next flush gives the run back if it executes nothing. */
  private void leaveIfIdle(InstanceRun run) {
    if (!run.isOver() && !run.isExecutingOthers(List.of())) {
      report(run);
    }
  }

  /** Makes sure that a worker never leaves a pointer without saying what became of it. */
  private void guarded(InstanceRun run, ExecutionPointer pointer, Runnable work) {
    if (isDraining || !run.start(pointer.id())) {
      run.forget(pointer.id());
      leaveIfIdle(run);
      return;
    }
    try {
      work.run();
    } catch (RuntimeException | Error unexpected) {
      LOG.error("Workflow {} cannot go on; suspending it", run.claim().id(), unexpected);
      if (run.add(new Outcome.Blocked(pointer.id(), Failures.message(unexpected)))) {
        report(run);
      }
    }
  }

  private void execute(InstanceRun run, ExecutionPointer pointer) {
    Claim claim = run.claim();
    StepExecutor.Result result = steps.execute(run, pointer);
    if (result instanceof StepExecutor.Reported reported) {
      if (run.add(reported.outcome())) {
        report(run);
      }
    } else if (result instanceof StepExecutor.Committed committed) {
      tellStored(run, committed.base(), List.of(committed.outcome()), committed.write());
      boolean isCurrent = run.committed(committed.base(), committed.workflow(), pointer.id());
      proceed(run, isCurrent, committed.keeps(), committed.write());
    } else if (result instanceof StepExecutor.Abandoned abandoned) {
      if (abandoned.leaseLost() && claim.equals(run.claim())) {
        lose(run);
      } else {
        pause(run);
        run.outdate(pointer.id());
        report(run);
      }
    }
  }

  /** Waits after the database has prevented a step; twice as long after each time in a row. */
  private void pause(InstanceRun run) {
    int doublings = Math.min(run.countPrevented() - 1, 10);
    Duration pause = settings.minPoll().multipliedBy(1L << doublings);
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
      report(run);
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
      report(run);
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
      report(run);
    }
  }

  private void tryAgain(InstanceRun run, ExecutionPointer pointer) {
    pause(run);
    run.forget(pointer.id());
    report(run);
  }

  /** Ends a run whose lease another host has taken over. */
  private void lose(InstanceRun run) {
    if (end(run)) {
      listeners.tell(listener -> listener.leaseLost(run.current().graph().definition()));
    }
  }

  /** Ends the run; false if it was over. */
  private boolean end(InstanceRun run) {
    run.end();
    boolean isFirst = runs.remove(run.claim()) != null;
    if (isFirst) {
      capacity.ended();
    }
    if (isFull && hasRoomForMany()) {
      isFull = false;
      claimAfter.accept(Duration.ZERO);
    }
    return isFirst;
  }

  /** Another instance of a definition with limits may be claimed after this one was given back. */
  private void freed(InstanceRun run) {
    if (definitions.limits().containsKey(run.live().workflowDefinitionId())) {
      claimAfter.accept(Duration.ZERO);
    }
  }

  private void tellStored(
      InstanceRun run, LiveWorkflow base, List<Outcome> outcomes, WorkflowWrite write) {
    Sagas.logFailures(LOG, base, write.workflow());
    Graph<?> graph = Objects.requireNonNull(definitions.of(base));
    listeners.stored(graph, base, outcomes, write, run::duration, clock.instant());
  }

  /**
   * Renews the leases. Runs whose lease was lost end; their threads are interrupted.
   *
   * @throws StoreException if the database cannot be reached
   */
  void renew() {
    List<Claim> all = List.copyOf(runs.keySet());
    for (int i = 0; i < all.size(); i += ValueLimits.MAX_CLAIMS) {
      List<Claim> claims = all.subList(i, Math.min(all.size(), i + ValueLimits.MAX_CLAIMS));
      Set<Claim> renewed = provider.renew(claims, settings.lease());
      for (Claim claim : claims) {
        InstanceRun run = runs.get(claim);
        if (run != null && !renewed.contains(claim) && !run.isReleasing()) {
          LOG.warn("The lease on workflow {} is lost; leaving it to another host", claim.id());
          lose(run);
        }
      }
    }
  }

  @Override
  public void drain() {
    isDraining = true;
    for (InstanceRun run : runs.values()) {
      run.dropQueued();
      leaveIfIdle(run);
    }
  }

  @Override
  public void leave() {
    left = List.copyOf(runs.keySet());
    runs.values().forEach(InstanceRun::end);
    runs.clear();
  }

  @Override
  public void giveBack() {
    for (int i = 0; i < left.size(); i += ValueLimits.MAX_CLAIMS) {
      provider.release(left.subList(i, Math.min(left.size(), i + ValueLimits.MAX_CLAIMS)));
    }
  }
}
