package dev.wfe.persistence;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shares work among hosts: a host claims what is due, and has it exclusively until the lease
 * expires, is released, or is renewed. The database's clock decides what is due and when a lease
 * expires. Taking, renewing and releasing a lease changes neither the revision of a workflow nor
 * its {@code nextExecution}. Thread-safe.
 *
 * <p>An expired lease that nobody took over is still valid: it can be renewed, and writes that name
 * it are accepted. After another host took it over, or a claim under limits ended it, it never
 * becomes valid again.
 */
public interface LeaseRepository {
  /**
   * Claims due workflows: those of the definitions that are Runnable, whose {@code nextExecution}
   * is at or before the database's time, and that no valid lease covers. One round trip. Concurrent
   * calls get disjoint sets and do not wait for each other; workflows that somebody is writing at
   * this moment are skipped.
   *
   * <p>The definitions take turns, so that many due workflows of one do not hold up the others. Of
   * each definition, workflows with a higher priority are taken first; within a priority, the one
   * with the earliest due time.
   *
   * <p>A definition with {@link ClaimRequest#limits} takes one more round trip, or two if many due
   * workflows have keys of which as many as allowed are leased. A claim under limits counts the
   * leases that were taken under limits of the definition, including those that have expired while
   * their workflow is due: such a workflow is taken over before others are claimed. It ends those
   * that have expired while their workflow is not due, for example because it was terminated. If
   * another claim decides about the limits of the definition at this moment, this one takes nothing
   * of it, and {@code untilNextDue} is a few milliseconds.
   *
   * <p>Each workflow is returned in the version that was current when its lease was taken. A
   * workflow that cannot be read, because another program stored an invalid value, is left out and
   * stays leased until the lease expires; no limit counts that lease. A warning with the row's id
   * is logged.
   *
   * <p>While looking through all due workflows takes long, most calls look only at those that are
   * due at about the time of the earliest one that was claimed last, or later. The others are
   * claimed after a while.
   *
   * @return the claimed workflows; at most the limit, although more may be due
   * @throws InvalidValueException if a field of the request is out of range; not retryable
   * @throws StoreUnavailableException if the database cannot be reached. Leases that were taken
   *     unseen expire by themselves; retryable
   * @throws CallerTransactionException if it is called in a caller's transaction; not retryable
   */
  ClaimedWorkflows claimWorkflows(ClaimRequest request);

  /**
   * Claims due events: those that are unprocessed, whose time is at or before the database's time,
   * and that no valid lease covers; oldest first, ties by id. An event is left to other hosts if a
   * subscription covers it and none of its subscriptions belongs to a workflow of the definitions.
   * Marking an event processed ends its lease. Otherwise as {@link #claimWorkflows}.
   *
   * @param request {@code maxBytes} counts the stored size of the events' data
   * @throws InvalidValueException if a field of the request is out of range; not retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws CallerTransactionException if it is called in a caller's transaction; not retryable
   */
  List<ClaimedEvent> claimEvents(ClaimRequest request);

  /**
   * The definitions of which a workflow is due that no valid lease covers, each with the earliest
   * such workflow. If a workflow stays here for long, no host that knows its definition keeps up.
   * One round trip. Its cost grows with the number of definitions and of leased workflows, not with
   * the number of due ones.
   */
  Map<DefinitionVersion, DueWorkflow> getDueDefinitions();

  /**
   * Renews leases: they then expire the duration after the database's current time, whatever their
   * expiry was before. One statement. Calling again is safe.
   *
   * @param claims up to 10,000; null elements are not allowed
   * @param lease as in {@link ClaimRequest#lease}
   * @return the claims whose leases were renewed. The others were lost: released, taken over, or
   *     ended by a claim under limits
   * @throws InvalidValueException if a parameter is out of range; not retryable
   * @throws CallerTransactionException if it is called in a caller's transaction; not retryable
   */
  Set<Claim> renew(Collection<Claim> claims, Duration lease);

  /**
   * Ends leases, so that other hosts can claim the workflows and events at once. One statement.
   * Leases that were lost are left alone. Calling again is safe.
   *
   * @param claims up to 10,000; null elements are not allowed
   * @throws InvalidValueException if there are too many; not retryable
   * @throws CallerTransactionException if it is called in a caller's transaction; not retryable
   */
  void release(Collection<Claim> claims);
}
