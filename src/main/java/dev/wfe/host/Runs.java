package dev.wfe.host;

import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.ValueLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instances that this host executes. {@link #claim} takes due ones, {@link #flush} stores the
 * outcomes of steps in groups and starts the steps that follow, {@link #renew} keeps the leases.
 *
 * <p>Each of the three may be called by one thread at a time; steps report from any thread.
 */
final class Runs implements Lifecycle.Ending {
  /** After so many claims without a write, an instance is suspended. */
  private static final int MAX_CLAIMS_WITHOUT_WRITE = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

  private final PersistenceProvider provider;
  private final Definitions definitions;
  private final HostSettings settings;
  private final Consumer<Instant> databaseTime;
  private final Listeners listeners;
  private final HeldRuns held;
  private final ReportedRuns reported;
  private final RunWork work;
  private final RunWriter writer;

  private volatile List<Claim> left = List.of();

  /**
   * Creates an empty set of runs.
   *
   * @param databaseTime receives the database's time with each claim
   * @param workers executes steps
   * @param hook is called before each step
   * @param listeners are told what is stored
   * @param reported is called when there is something to flush
   * @param claimAfter is told when there is a reason to claim, see {@link HeldRuns}
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
    this.settings = settings;
    this.databaseTime = databaseTime;
    this.listeners = listeners;
    Engine engine = new Engine(json);
    this.held =
        new HeldRuns(
            definitions,
            new Capacity(settings.capacity(), settings.maxCapacity(), System.nanoTime()),
            listeners,
            claimAfter);
    this.reported = new ReportedRuns(reported);
    this.work =
        new RunWork(
            provider,
            definitions,
            clock,
            settings.minPoll(),
            workers,
            listeners,
            new StepExecutor(provider, engine, json, clock, hook),
            held,
            this.reported);
    this.writer =
        new RunWriter(
            provider,
            definitions,
            engine,
            settings.lease(),
            clock,
            listeners,
            held,
            this.reported,
            work);
  }

  /** How many more instances the host can execute. */
  int free() {
    return held.free();
  }

  /** As {@link HeldRuns#claimsAgain}. */
  boolean claimsAgain() {
    return held.claimsAgain();
  }

  /** How many instances the host executes. */
  int size() {
    return held.size();
  }

  /**
   * Claims due instances, as many as the host can execute.
   *
   * @return how many were claimed, and when to claim again at the latest
   */
  Claimed claim() {
    int limit = Math.min(held.free(), ClaimRequest.MAX_LIMIT);
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
    held.adjust(most(claimed.workflows()));
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
    held.add(run);
    if (claimed.attempt() > MAX_CLAIMS_WITHOUT_WRITE) {
      run.block(
          "The workflow was claimed %s times, and no host wrote it: a step may end the process"
              .formatted(claimed.attempt() - 1));
    }
    reported.report(run);
  }

  /** Only definitions that the host knows are claimed. */
  private Graph<?> graphOf(ClaimedWorkflow claimed) {
    return Objects.requireNonNull(definitions.of(claimed.workflow()));
  }

  /** Whether this host executes the instance under an older lease, which expired in an outage. */
  private boolean goesOn(ClaimedWorkflow claimed) {
    for (InstanceRun run : held.all()) {
      Claim older = run.claim();
      if (older.id().equals(claimed.claim().id())
          && run.goOnUnder(claimed.claim(), graphOf(claimed), claimed.workflow())) {
        held.replace(older, run);
        reported.report(run);
        return true;
      }
    }
    return false;
  }

  /** As {@link RunWriter#flush}. */
  boolean flush() {
    return writer.flush();
  }

  /**
   * Renews the leases. Runs whose lease was lost end; their threads are interrupted.
   *
   * @throws StoreException if the database cannot be reached
   */
  void renew() {
    List<Claim> all = held.claims();
    for (int i = 0; i < all.size(); i += ValueLimits.MAX_CLAIMS) {
      List<Claim> claims = all.subList(i, Math.min(all.size(), i + ValueLimits.MAX_CLAIMS));
      Set<Claim> renewed = provider.renew(claims, settings.lease());
      for (Claim claim : claims) {
        InstanceRun run = held.of(claim);
        if (run != null && !renewed.contains(claim) && !run.isReleasing()) {
          LOG.warn("The lease on workflow {} is lost; leaving it to another host", claim.id());
          held.lose(run);
        }
      }
    }
  }

  @Override
  public void drain() {
    held.drain();
    for (InstanceRun run : held.all()) {
      run.dropQueued();
      work.leaveIfIdle(run);
    }
  }

  @Override
  public void leave() {
    left = held.leave();
  }

  @Override
  public void giveBack() {
    for (int i = 0; i < left.size(); i += ValueLimits.MAX_CLAIMS) {
      provider.release(left.subList(i, Math.min(left.size(), i + ValueLimits.MAX_CLAIMS)));
    }
  }
}
