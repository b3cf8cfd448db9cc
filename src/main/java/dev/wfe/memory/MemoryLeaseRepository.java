package dev.wfe.memory;

import static java.util.Comparator.comparing;

import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DueWorkflow;
import dev.wfe.persistence.LeaseRepository;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Leases in memory. Thread-safe. */
final class MemoryLeaseRepository implements LeaseRepository {
  private final MemoryTables tables;
  private final MemoryClaims claims;
  private final MemorySubscriptionRepository subscriptions;

  MemoryLeaseRepository(
      MemoryTables tables,
      MemoryWorkflowRepository workflows,
      MemorySubscriptionRepository subscriptions) {
    this.tables = tables;
    this.claims = new MemoryClaims(tables, workflows);
    this.subscriptions = subscriptions;
  }

  @Override
  public ClaimedWorkflows claimWorkflows(ClaimRequest request) {
    ValueLimits.check("claimWorkflows", request);
    tables.requireIndependent("claimWorkflows");
    return tables.atomically(() -> claims.claim(request));
  }

  static long newEpoch() {
    return ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
  }

  @Override
  public List<ClaimedEvent> claimEvents(ClaimRequest request) {
    ValueLimits.check("claimEvents", request);
    tables.requireIndependent("claimEvents");
    return tables.atomically(
        () -> {
          Instant now = tables.now();
          long epoch = newEpoch();
          Set<DefinitionVersion> definitions = Set.copyOf(request.definitions());
          List<ClaimedEvent> claimed = new ArrayList<>();
          long bytes = 0;
          for (EventRow row : dueEvents(definitions, request.limit(), now)) {
            if (bytes >= request.maxBytes()) {
              break;
            }
            tables.put(
                row.with(new Lease(request.owner(), epoch, 1, now.plus(request.lease()), false)));
            claimed.add(
                new ClaimedEvent(
                    new Claim(Subject.EVENT, row.event().id(), request.owner(), epoch),
                    row.event()));
            bytes += row.event().eventData().toString().length();
          }
          return claimed;
        });
  }

  /** The first due events without a valid lease that are not for other definitions alone. */
  private List<EventRow> dueEvents(Set<DefinitionVersion> definitions, int limit, Instant now) {
    Stream<EventRow> expired =
        tables.expired(tables.eventLeases).map(id -> Objects.requireNonNull(tables.event(id)));
    Stream<EventRow> unleased =
        tables.unleasedEvents.of(MemoryTables.All.ROWS).stream()
            .takeWhile(position -> !position.time().isAfter(now))
            .map(position -> Objects.requireNonNull(tables.event(position.id())))
            .filter(row -> isFor(definitions, row))
            .limit(limit);
    return Stream.concat(
            unleased,
            expired.filter(
                row ->
                    !row.event().processed()
                        && !row.position().time().isAfter(now)
                        && isFor(definitions, row)))
        .sorted(comparing(EventRow::position, MemoryTables.ORDER))
        .limit(limit)
        .toList();
  }

  private boolean isFor(Set<DefinitionVersion> definitions, EventRow event) {
    return !subscriptions.holdBack(event)
        || subscriptions
            .waiting(event)
            .anyMatch(workflow -> definitions.contains(workflow.definition()));
  }

  @Override
  public Map<DefinitionVersion, DueWorkflow> getDueDefinitions() {
    return tables.atomically(claims::dueDefinitions);
  }

  @Override
  public Set<Claim> renew(Collection<Claim> claims, Duration lease) {
    ValueLimits.checkRenewal(claims, lease);
    tables.requireIndependent("renew");
    return tables.atomically(
        () -> {
          Instant expiry = tables.now().plus(lease);
          Set<Claim> renewed = new LinkedHashSet<>();
          for (Claim claim : claims) {
            Lease held = leaseOf(claim);
            if (held != null) {
              put(claim, held.until(expiry));
              renewed.add(claim);
            }
          }
          return renewed;
        });
  }

  @Override
  public void release(Collection<Claim> claims) {
    ValueLimits.checkRelease(claims);
    tables.requireIndependent("release");
    tables.atomically(
        () -> {
          for (Claim claim : new HashSet<>(claims)) {
            if (leaseOf(claim) != null) {
              put(claim, null);
            }
          }
        });
  }

  /** The lease, or null if it was lost. */
  private @Nullable Lease leaseOf(Claim claim) {
    Lease lease = null;
    if (claim.subject() == Subject.WORKFLOW) {
      WorkflowRow row = tables.workflow(claim.id());
      lease = row == null ? null : row.lease();
    } else {
      EventRow row = tables.event(claim.id());
      lease = row == null ? null : row.lease();
    }
    return lease != null && lease.isOf(claim) ? lease : null;
  }

  private void put(Claim claim, @Nullable Lease lease) {
    if (claim.subject() == Subject.WORKFLOW) {
      tables.put(Objects.requireNonNull(tables.workflow(claim.id())).with(lease));
    } else {
      tables.put(Objects.requireNonNull(tables.event(claim.id())).with(lease));
    }
  }
}
