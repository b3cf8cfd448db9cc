package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.WorkflowWrite.LeaseAction;

/**
 * What refuses a write of a host that has lost its lease, as parts of the statements that write
 * workflows: the write locks the lease, requires that it is still the claim's, and keeps or
 * releases it.
 */
final class Fence {
  /** Whether the claim of one write still has the lease. */
  static final String IS_VALID =
      """
      exists (
        select from {workflow_leases}
        where workflow_id = :id and owner = :owner and epoch = :epoch::int8)\
      """;

  /**
   * Whether the lease of a change in a batch is valid. The lease's row is locked. For {@code
   * exists}, PostgreSQL 18 would read the whole table into a hash table, whatever {@link
   * LeaseSql#USE_INDEXES} says.
   */
  static final String IS_VALID_IN_BATCH =
      """
      (g.epoch is null or coalesce(g.epoch = (
        select l.epoch from {workflow_leases} l
        where l.workflow_id = g.id and l.owner = g.owner), false))
      """;

  private static final String KEPT = "update {workflow_leases} l set attempt = 0 from guard";
  private static final String RELEASED = "delete from {workflow_leases} l using guard";

  /** Keeps and releases the leases of a batch. */
  static final String SETTLED_IN_BATCH =
      """
      , kept as (%s where l.workflow_id = guard.id and guard.lease = 'KEEP' returning 1)
      , released as (%s where l.workflow_id = guard.id and guard.lease = 'RELEASE' returning 1)
      """
          .formatted(KEPT, RELEASED);

  private Fence() {}

  /** Keeps or releases the lease of one write, if it is valid. */
  static String settled(LeaseAction action) {
    return """
    , lease as (
      %s where l.workflow_id = guard.id and l.owner = :owner and l.epoch = :epoch::int8
      returning 1)
    """
        .formatted(action == LeaseAction.KEEP ? KEPT : RELEASED);
  }

  /** Locks the leases of the workflows. */
  static String locked(String ids) {
    return """
    select workflow_id from {workflow_leases} where workflow_id = any(%s)
        order by workflow_id for no key update\
    """
        .formatted(ids);
  }
}
