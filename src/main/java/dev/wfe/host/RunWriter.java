package dev.wfe.host;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the outcomes of runs in groups, and lets the runs go on. Called by one thread at a time.
 */
final class RunWriter {
  private static final Logger LOG = LoggerFactory.getLogger(RunWriter.class);

  private final PersistenceProvider provider;
  private final Definitions definitions;
  private final Engine engine;
  private final Duration lease;
  private final InstantSource clock;
  private final Listeners listeners;
  private final HeldRuns held;
  private final ReportedRuns reported;
  private final RunWork work;

  RunWriter(
      PersistenceProvider provider,
      Definitions definitions,
      Engine engine,
      Duration lease,
      InstantSource clock,
      Listeners listeners,
      HeldRuns held,
      ReportedRuns reported,
      RunWork work) {
    this.provider = provider;
    this.definitions = definitions;
    this.engine = engine;
    this.lease = lease;
    this.clock = clock;
    this.listeners = listeners;
    this.held = held;
    this.reported = reported;
    this.work = work;
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
   * Stores what steps have reported, in one write for up to {@value ReportedRuns#MAX_GROUP}
   * instances.
   *
   * @return whether there was anything to do
   * @throws StoreException if the database cannot be reached; the next flush tries again
   */
  boolean flush() {
    List<InstanceRun> group = reported.nextGroup();
    try {
      reload(group.stream().filter(InstanceRun::isOutdated).toList());
      List<Pending> pending = new ArrayList<>();
      List<Claim> idle = new ArrayList<>();
      for (InstanceRun run : group) {
        if (run.isOutdated() && !run.isOver()) {
          reported.report(run);
        } else if (!run.isOver()) {
          prepareOrLeave(run, idle).ifPresent(pending::add);
        }
      }
      write(pending);
      if (!idle.isEmpty()) {
        provider.release(idle);
        group.stream().filter(InstanceRun::isOver).forEach(held::freed);
      }
    } catch (RuntimeException | Error failure) {
      group.stream().filter(run -> !run.isOver()).forEach(reported::report);
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
      held.end(run);
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
    boolean keeps = (begins && !held.isDraining()) || run.isExecutingOthers(outcomes);
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
      reported.report(run);
    } else if (keeps) {
      work.dispatch(run);
    } else {
      held.end(run);
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
      pending.forEach(item -> reported.report(item.run()));
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
      work.tellStored(run, item.base(), item.outcomes(), item.write());
      boolean isCurrent = run.stored(item.base(), written.value().workflow(), item.outcomes());
      work.proceed(run, isCurrent, item.keeps(), item.write());
      Failures.logSuspension(LOG, item.write());
      return;
    }
    StoreException reason = ((ItemResult.Refused<WriteResult>) result).reason();
    if (reason instanceof StaleRevisionException) {
      listeners.tell(listener -> listener.writeStale(run.current().graph().definition()));
      run.outdate();
      reported.report(run);
    } else if (reason instanceof LeaseLostException && !item.claim().equals(run.claim())) {
      reported.report(run);
    } else if (reason instanceof LeaseLostException) {
      LOG.warn("Workflow {} was taken over; leaving it", run.claim().id());
      held.lose(run);
    } else if (reason instanceof NotFoundException) {
      LOG.warn("Workflow {} was deleted; leaving it", run.claim().id());
      held.end(run);
    } else if (reason.retryable()) {
      reported.report(run);
    } else if (item.outcomes().stream().anyMatch(Outcome.Blocked.class::isInstance)) {
      LOG.error(
          "Workflow {} cannot be suspended; it stays leased until the lease expires",
          run.claim().id(),
          reason);
      held.end(run);
    } else {
      LOG.warn("The outcome of workflow {} is refused; suspending it", run.claim().id(), reason);
      run.block(Failures.message(reason));
      reported.report(run);
    }
  }

  /** Reads instances again, after making sure that their leases are not lost. */
  private void reload(List<InstanceRun> outdated) {
    if (outdated.isEmpty()) {
      return;
    }
    List<Claim> claims = outdated.stream().map(InstanceRun::claim).toList();
    List<Integer> known = outdated.stream().map(InstanceRun::news).toList();
    Set<Claim> renewed = provider.renew(claims, lease);
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
        held.end(run);
      } else if (!claims.get(i).equals(run.claim())) {
        reported.report(run);
      } else if (renewed.contains(run.claim())) {
        Graph<?> graph = definitions.of(live);
        if (graph == null) {
          LOG.info(
              "Workflow {} was moved to version {}, which this host does not have; leaving it",
              live.id(),
              live.version());
          held.end(run);
          unknown.add(claims.get(i));
        } else {
          run.reload(graph, live, known.get(i));
        }
      } else {
        held.lose(run);
      }
    }
    if (!unknown.isEmpty()) {
      provider.release(unknown);
    }
  }
}
