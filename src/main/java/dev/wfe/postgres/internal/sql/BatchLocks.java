package dev.wfe.postgres.internal.sql;

/**
 * The parts of {@link WorkflowBatchSql} before its main statement: the settings of the transaction
 * and the locks, and what the main statement has to know of them. Thread-safe.
 */
final class BatchLocks {
  static final String LOCK =
      """
      with row as materialized (
        select from {workflows} where id = any(:ids::text[]) order by id for no key update
      ), lease as materialized (
        %s
      )
      select %s, (select count(*) from row), (select count(*) from lease);
      """
          .formatted(Fence.locked(":leased::text[]"), Signals.MARK_TRANSACTION);

  private static final String SKIPPED = "wfe_postgres.skipped";

  /** Locks what nobody else has locked, and notes the workflows of the rest. */
  static final String LOCK_OR_SKIP =
      """
      with given as materialized (
        select :ids::text[] as ids, :leased::text[] as leased
      ), row as materialized (
        select id from {workflows} where id = any((select ids from given)::text[])
        order by id for no key update skip locked
      ), lease as materialized (
        %s skip locked
      )
      select %s, set_config('%s', (
        case when (select count(*) from row) = pg_catalog.cardinality(ids)
            and (select count(*) from lease) = pg_catalog.cardinality(leased)
          then '{}'::text[]
          else array(
            (select pg_catalog.unnest(ids) except select id from row)
            union all
            (select pg_catalog.unnest(leased) except select workflow_id from lease))
          end)::text, true)
      from given;
      """
          .formatted(
              Fence.locked("(select leased from given)::text[]"),
              Signals.MARK_TRANSACTION,
              SKIPPED);

  static final String IS_NOT_SKIPPED =
      " and g.id <> all ((select current_setting('%s', true))::text[])".formatted(SKIPPED);

  /**
   * Settings of the transaction. The server would plan small batches anew for each execution, which
   * takes longer than executing them.
   */
  static final String OWN_SETTINGS =
      LeaseSql.USE_INDEXES + ", set_config('plan_cache_mode', 'force_generic_plan', true)";

  static final String LIMIT_WAITS = ", set_config('lock_timeout', '200ms', true)";

  private BatchLocks() {}
}
