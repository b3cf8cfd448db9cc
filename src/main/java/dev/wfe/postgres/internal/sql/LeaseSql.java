package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.Subject;

/**
 * The statements on leases, and those that claim events.
 *
 * <ol>
 *   <li>A lease is a row of its own. It exists from the claim until the release. A claim is
 *       identified by id, owner and epoch; a takeover changes owner and epoch, so the old claim
 *       never becomes valid again.
 *   <li>Locks are taken in this order: rows of workflows or events, then their leases; several rows
 *       in the order of their ids. Claims skip workflows and events that somebody else has locked.
 *       Whoever takes a lease holds the lock on the workflow or event, so claims never meet.
 *   <li>A claim of events is a single statement, because PostgreSQL returns a locked row in its
 *       newest version. For claims of workflows see {@link ClaimSql}.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class LeaseSql {
  /** The prefix of the names of tables and columns. */
  static final String WORKFLOW = Subject.WORKFLOW.label();

  private static final String EVENT = Subject.EVENT.label();

  /**
   * Makes the planner use indexes in this transaction, and nothing else. The table of leases is
   * often nearly empty and its file large, because each lease is inserted and deleted. A plan that
   * was made for the empty table, or reads the whole file, takes many times as long.
   */
  static final String USE_INDEXES =
      """
      select %s, set_config('enable_seqscan', 'off', true),
        set_config('enable_bitmapscan', 'off', true), set_config('jit', 'off', true)\
      """
          .formatted(Signals.MARK_TRANSACTION);

  static final String EXPIRY =
      "clock_timestamp() + :leaseMicros::float8 * interval '1 microsecond'";

  /** The sub-selects hide the lengths of the arrays, for which the planner would plan each time. */
  private static final String DEFINITIONS =
      """
      definition as materialized (
        select d.definition_id, d.version
        from rows from (
            pg_catalog.unnest((select :definitions::text[])),
            pg_catalog.unnest((select :versions::bigint[])))
          as d(definition_id, version))\
      """;

  /** Whether a subscription of a workflow that has not ended covers the event {@code e}. */
  private static final String AWAITED =
      """
      exists (
          select from {event_subscriptions} s join {workflows} w on w.id = s.workflow_id
          %s
          where %s and w.status not in ('Complete', 'Terminated'))\
      """;

  private static final String CLAIM_EVENTS =
      """
      with %5$s, due as materialized (
        select * from (
          select %1$s, pg_catalog.pg_column_size(e.event_data) as bytes from {events} e
          where e.is_processed is not true and e.event_time <= now()
            and e.id not in (select pg_catalog.unnest((%2$s)))
            and (not %6$s or %7$s)
          order by e.event_time, e.id limit %3$s for no key update of e skip locked) earliest
        limit (select :limit::bigint)
      ), admitted as (
        select id from (
          select id, coalesce(sum(bytes) over (
              order by event_time, id rows between unbounded preceding and 1 preceding),
            0) as bytes_before
          from due) bounded
        where bytes_before < :maxBytes
      ), leased as (
        insert into {event_leases} as l (event_id, owner, epoch, expires_at)
        select id, :owner, :epoch, %4$s from admitted order by id
        on conflict (event_id) do update
        set owner = excluded.owner, epoch = excluded.epoch, expires_at = excluded.expires_at
        where l.expires_at <= clock_timestamp()
        returning l.event_id
      )
      select %1$s from due e join leased l on l.event_id = e.id order by e.event_time, e.id
      """;

  /** The leases of the given claims, locked in the order of their ids. */
  private static final String OWNED =
      """
      owned_%1$ss as materialized (
        select l.%1$s_id as id, l.owner, l.epoch
        from rows from (
            pg_catalog.unnest(:%1$sIds::text[]), pg_catalog.unnest(:%1$sOwners::text[]),
            pg_catalog.unnest(:%1$sEpochs::bigint[]))
          as g(id, owner, epoch)
          join {%1$s_leases} l
            on l.%1$s_id = g.id and l.owner = g.owner and l.epoch = g.epoch
        order by l.%1$s_id for update of l)\
      """;

  private static final String RENEWED =
      """
      renewed_%1$ss as (
        update {%1$s_leases} l set expires_at = %2$s
        from owned_%1$ss o where l.%1$s_id = o.id
        returning '%1$s' as subject, o.id, o.owner, o.epoch)\
      """;

  private static final String RELEASED =
      """
      released_%1$ss as (
        delete from {%1$s_leases} l using owned_%1$ss o where l.%1$s_id = o.id
        returning 1)\
      """;

  private final NamedSql.Variants<Integer> claimEvents;

  /**
   * Extends the leases that the given claims own. Returns the subject, id, owner and epoch of each.
   */
  public final NamedSql renew;

  /** Ends the leases that the given claims own. Returns one row with their number. */
  public final NamedSql release;

  /** Compiles the statements for the store. */
  public LeaseSql(StoreNames names) {
    claimEvents = new NamedSql.Variants<>(names, LeaseSql::claimEventsTemplate);
    renew =
        new NamedSql(
            names,
            """
            %s;
            with %s, %s, %s, %s
            select subject, id, owner, epoch from renewed_workflows
            union all
            select subject, id, owner, epoch from renewed_events
            """
                .formatted(
                    USE_INDEXES,
                    OWNED.formatted(WORKFLOW),
                    OWNED.formatted(EVENT),
                    RENEWED.formatted(WORKFLOW, EXPIRY),
                    RENEWED.formatted(EVENT, EXPIRY)));
    release =
        new NamedSql(
            names,
            """
            %s;
            with %s, %s, %s, %s
            select (select count(*) from released_workflows) + (select count(*) from released_events)
            """
                .formatted(
                    USE_INDEXES,
                    OWNED.formatted(WORKFLOW),
                    OWNED.formatted(EVENT),
                    RELEASED.formatted(WORKFLOW),
                    RELEASED.formatted(EVENT)));
  }

  /** Claims due events. Returns the rows of the claimed events, oldest first. */
  public NamedSql claimEvents(int limit) {
    return claimEvents.of(ClaimSql.literal(limit));
  }

  /**
   * Returns the query for an array of the ids that valid leases cover. It is used as {@code not in
   * (select unnest((…)))}: the planner then expects few ids and always builds a hash table,
   * whatever {@code work_mem} is. A probe of the leases' key for each due row costs four times as
   * much if many workflows are leased, and these are usually the first ones due. The condition on
   * the id makes the index usable.
   */
  static String leased(String kind) {
    return """
    select pg_catalog.array_agg(%1$s_id) as ids from {%1$s_leases}
    where %1$s_id >= '' and expires_at > clock_timestamp()\
    """
        .formatted(kind);
  }

  private static String claimEventsTemplate(int limit) {
    return USE_INDEXES
        + ";\n"
        + CLAIM_EVENTS.formatted(
            EventSql.EVENT.names("e"),
            leased(EVENT),
            limit,
            EXPIRY,
            DEFINITIONS,
            AWAITED.formatted("", EventSql.COVERS),
            AWAITED.formatted(
                "join definition d"
                    + " on d.definition_id = w.definition_id and d.version = w.version",
                EventSql.COVERS));
  }
}
