package dev.wfe.postgres.internal.sql;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Subject;
import dev.wfe.postgres.internal.mapping.EnumCodec;
import java.util.Map;

/**
 * The statements on leases of workflows and events.
 *
 * <ol>
 *   <li>A lease is a row of its own. It exists from the claim until the release. A claim is
 *       identified by id, owner and epoch; a takeover changes owner and epoch, so the old claim
 *       never becomes valid again.
 *   <li>Locks are taken in this order: rows of workflows or events, then their leases; several rows
 *       in the order of their ids. Claims skip workflows and events that somebody else has locked.
 *       Whoever takes a lease holds the lock on the workflow or event, so claims never meet.
 *   <li>A claim of workflows consists of two statements in one transaction. The first one locks due
 *       workflows and takes their leases. The second one reads the live parts. A single statement
 *       would read the pointers from its snapshot, which is older than the locks: between the
 *       snapshot and the lock, another host may have claimed, executed and released the workflow,
 *       and its finished steps would be executed again. A claim of events is a single statement,
 *       because PostgreSQL returns a locked row in its newest version.
 *   <li>{@code now()} decides what is due, because both statements have to agree on it. It is the
 *       time at which the claim began.
 *   <li>A claim of workflows reads the index from the beginning, or goes on behind a position in
 *       it: the earliest workflows are often leased, and in the index and in the table of leases,
 *       entries stay that an old snapshot may still need. A claim from the beginning reads all
 *       that.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class LeaseSql {
  /** Columns before those of workflows and pointers: see {@link #claimWorkflows}. */
  private static final int LEADING_COLUMNS = 8;

  /** The column indexes of a workflow in the result of {@link #claimWorkflows}. */
  public static final Map<String, Integer> WORKFLOW_COLUMNS =
      WorkflowSql.COLUMNS.indexesOfFirst(LEADING_COLUMNS);

  /** The column indexes of a pointer in the same result. */
  public static final Map<String, Integer> POINTER_COLUMNS =
      WorkflowSql.COLUMNS.indexesOfSecond(LEADING_COLUMNS);

  /** The prefix of the names of tables and columns. */
  static final String WORKFLOW = Subject.WORKFLOW.label();

  private static final String EVENT = Subject.EVENT.label();

  /** Settings of the transaction through which the first statement of a claim tells the second. */
  private static final String CLAIMED = "wfe_postgres.claimed";

  private static final String ATTEMPTS = "wfe_postgres.attempts";

  /** The number of workflows that were locked. */
  private static final String FOUND = "wfe_postgres.found";

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

  private static final String NOW_MILLIS =
      "(select pg_catalog.floor(extract(epoch from now()) * 1000::numeric)::bigint)";

  private static final String EXPIRY =
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

  /** In the order of the claim index, which is the order of due times within a definition. */
  private static final String SCHEDULED =
      """
      from {workflows} w
          where w.status = '%s' and w.next_execution is not null
            and %%s
          order by w.definition_id, w.version, w.next_execution, w.id\
      """
          .formatted(EnumCodec.WORKFLOW_STATUS.encode(WorkflowStatus.RUNNABLE));

  /**
   * The workflows of the definition {@code d} that are due and that no lease covers. Rows are
   * compared instead of columns, so that only the claim index fits. With equal columns, the planner
   * may choose the index by due time, and then reads all due workflows of other definitions.
   */
  private static final String DUE =
      due(
          "(w.definition_id, w.version) >= (d.definition_id, d.version)",
          "w.id not in (select pg_catalog.unnest((select ids from leased)))");

  /**
   * As {@link #DUE}, those behind a position. Few of these are leased, so the leases are looked up
   * by their key. A workflow whose last lock is not visible to this statement is passed over:
   * another claim has leased it, although the statement does not see the lease. {@code xmax} is
   * that lock, or a group of locks, whose number means nothing here; so a workflow may be passed
   * over by mistake, until the next claim from the beginning.
   */
  private static final String DUE_AFTER =
      due(
          "(w.definition_id, w.version, w.next_execution, w.id)"
              + " > (d.definition_id, d.version, (select :dueTime::bigint), (select :id))",
          """
          coalesce((
              select l.expires_at <= clock_timestamp() from {workflow_leases} l
              where l.workflow_id = w.id), true)
            and pg_catalog.age(w.xmax) > (select pg_catalog.age(
              pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::xid))
            and w.xmax <> all (array(
              select x::xid from pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot()) x))\
          """);

  private static String due(String first, String notLeased) {
    return SCHEDULED.formatted(
        """
        %s
            and (w.definition_id, w.version, w.next_execution)
              <= (d.definition_id, d.version, %s)
            and %s\
        """
            .formatted(first, NOW_MILLIS, notLeased));
  }

  /** The workflows of the definition {@code d} that are due later. */
  private static final String NOT_DUE =
      SCHEDULED
          .formatted(
              """
              (w.definition_id, w.version, w.next_execution)
                    > (d.definition_id, d.version, %s)
                  and (w.definition_id, w.version) <= (d.definition_id, d.version)\
              """)
          .formatted(NOW_MILLIS);

  /** Finds each definition behind the one before it in the claim index. */
  private static final String DUE_DEFINITIONS =
      """
      with recursive leased as materialized (%1$s), d(definition_id, version) as (
        (select w.definition_id, w.version %2$s limit 1)
        union all
        select next.definition_id, next.version
        from d cross join lateral (
          select w.definition_id, w.version %3$s limit 1) next
      )
      select d.definition_id, d.version, due.id, due.next_execution
      from d cross join lateral (select w.id, w.next_execution %4$s limit 1) due
      """
          .formatted(
              leased(WORKFLOW),
              SCHEDULED.formatted("true"),
              SCHEDULED.formatted("(w.definition_id, w.version) > (d.definition_id, d.version)"),
              DUE);

  /**
   * How many workflows of each definition are among the earliest. It is computed without locks, so
   * that a claim locks no more rows than it takes.
   */
  private static final String QUOTAS =
      """
      candidate as materialized (
        select d.definition_id, d.version
        from definition d cross join lateral (
          select w.next_execution, w.id %s limit %s) due
        order by due.next_execution, due.id limit (select :limit::bigint)
      ), quota as materialized (
        select definition_id, version, count(*) as most from candidate group by 1, 2)\
      """;

  private static final String LEASED = "leased as materialized (%s), ";

  private static final String QUOTA_OF_ONE =
      """
      quota as materialized (
        select definition_id, version, :limit::bigint as most from definition)\
      """;

  /**
   * Takes leases. The limit within {@code due} is a literal, because for a parameter the planner
   * assumes a tenth of the table. The plan then looks so expensive that a server with JIT compiles
   * the statement on every call. The outer limit stops the inner query before it locks more rows.
   */
  private static final String TAKE =
      """
      with %1$s, %2$s, due as materialized (
        select due.id, due.next_execution, due.bytes
        from quota d cross join lateral (
          select * from (
            select w.id, w.next_execution, pg_catalog.pg_column_size(w.data) as bytes
            %3$s limit %4$s
            for no key update of w skip locked) earliest
          limit d.most) due
      ), admitted as (
        select id from (
          select id, coalesce(sum(bytes) over (
              order by next_execution, id rows between unbounded preceding and 1 preceding),
            0) as bytes_before
          from due) bounded
        where bytes_before < :maxBytes
      ), taken as (
        insert into {workflow_leases} as l (workflow_id, owner, epoch, attempt, expires_at)
        select id, :owner, :epoch, 1, %5$s from admitted order by id
        on conflict (workflow_id) do update
        set owner = excluded.owner, epoch = excluded.epoch, attempt = l.attempt + 1,
          expires_at = excluded.expires_at
        where l.expires_at <= clock_timestamp()
        returning l.workflow_id, l.attempt
      )
      select set_config('%6$s', coalesce(claimed.ids, '{}')::text, true),
        set_config('%7$s', coalesce(claimed.attempts, '{}')::text, true),
        set_config('%8$s', (select count(*) from due)::text, true)
      from (
        select pg_catalog.array_agg(id) as ids, pg_catalog.array_agg(attempt) as attempts
        from (
          select due.id, taken.attempt from due join taken on taken.workflow_id = due.id
          order by due.next_execution, due.id) ordered) claimed;
      """;

  private static final String READ =
      """
      with claimed as materialized (
        select c.id, c.attempt, c.rank
        from rows from (
            pg_catalog.unnest(nullif(current_setting('%s', true), '')::text[]),
            pg_catalog.unnest(nullif(current_setting('%s', true), '')::int[]))
          with ordinality as c(id, attempt, rank)
      ), %s
      select %s as revision, %s as last_position, c.rank, c.attempt,
        null::bigint as until_next_due, now() as time, %s as micros,
        current_setting('%s')::int as found, %s
      from claimed c join {workflows} w on w.id = c.id
      union all
      %s
      union all
      select '', null, null, %s, next.millis - %s, now(), %s,
        current_setting('%s')::int, %s
      from (select 1 where not exists (select from claimed)) nothing
        left join lateral (%s) next on true
      """;

  private static final String NEXT_DUE =
      """
      with %s
        select least(min(due.next_execution), %%s) as millis
        from definition d cross join lateral (
          select w.next_execution %s limit 1) due\
      """
          .formatted(DEFINITIONS, NOT_DUE);

  private static final String NEXT_EXPIRY =
      """
      (
            select pg_catalog.ceil(extract(epoch from min(expires_at)) * 1000::numeric)::bigint
            from {workflow_leases}
            where workflow_id >= '' and expires_at > clock_timestamp())\
      """;

  /** How long the claim has taken until now. */
  private static final String MICROS =
      "(extract(epoch from clock_timestamp() - now()) * 1000000::numeric)::bigint";

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

  private final NamedSql.Variants<ClaimShape> claimWorkflows;
  private final NamedSql.Variants<Integer> claimEvents;

  /**
   * Returns each definition of which a workflow is due, with the id and the due time of the
   * earliest one.
   */
  public final NamedSql dueDefinitions;

  /**
   * Extends the leases that the given claims own. Returns the subject, id, owner and epoch of each.
   */
  public final NamedSql renew;

  /** Ends the leases that the given claims own. Returns one row with their number. */
  public final NamedSql release;

  /** Compiles the statements for the store. */
  public LeaseSql(StoreNames names) {
    claimWorkflows = new NamedSql.Variants<>(names, LeaseSql::claimTemplate);
    claimEvents = new NamedSql.Variants<>(names, LeaseSql::claimEventsTemplate);
    dueDefinitions = new NamedSql(names, USE_INDEXES + ";\n" + DUE_DEFINITIONS);
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

  private record ClaimShape(boolean ofOneDefinition, int limit, boolean goesOn) {}

  /**
   * Claims due workflows of the definitions, which are distinct. Returns, in no order, the rows of
   * the claimed workflows and of the pointers of their live parts. The leading columns are:
   *
   * <ol>
   *   <li>{@code revision}: null in the rows of pointers. If no workflow was claimed, the result is
   *       a single row with an empty revision.
   *   <li>{@code last_position}: the greatest position of the workflow's pointers.
   *   <li>{@code rank}: the place of the workflow in the order of due times.
   *   <li>{@code attempt}: of the lease.
   *   <li>{@code until_next_due}: only in the row with the empty revision: the milliseconds until
   *       the next workflow of the definitions is due or a lease expires; null if neither is known.
   *   <li>{@code time}: the database's time at the claim; null in the rows of pointers.
   *   <li>{@code micros}: how many microseconds the claim took; null in the rows of pointers.
   *   <li>{@code found}: how many due workflows the claim found. Others may have leased some of
   *       them since it began. Null in the rows of pointers.
   * </ol>
   *
   * @param goesOn whether to claim only what is behind a position, {@code dueTime} and {@code id}.
   *     Leases do not count for {@code until_next_due} then
   */
  public NamedSql claimWorkflows(int definitions, int limit, boolean goesOn) {
    return claimWorkflows.of(new ClaimShape(definitions == 1, literal(limit), goesOn));
  }

  /** Claims due events. Returns the rows of the claimed events, oldest first. */
  public NamedSql claimEvents(int limit) {
    return claimEvents.of(literal(limit));
  }

  /** Returns the next power of two, so that the number of distinct statements stays small. */
  private static int literal(int limit) {
    int power = Integer.highestOneBit(limit);
    return power == limit ? power : power * 2;
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

  private static String claimTemplate(ClaimShape shape) {
    String claimed = "array(select id from claimed)";
    String due = shape.goesOn() ? DUE_AFTER : DUE;
    String quota = shape.ofOneDefinition() ? QUOTA_OF_ONE : QUOTAS.formatted(due, shape.limit());
    return USE_INDEXES
        + ", "
        + SubscriptionSql.REQUIRE_READ_COMMITTED
        + ";\n"
        + TAKE.formatted(
            DEFINITIONS,
            shape.goesOn() ? quota : LEASED.formatted(leased(WORKFLOW)) + quota,
            due,
            shape.limit(),
            EXPIRY,
            CLAIMED,
            ATTEMPTS,
            FOUND)
        + READ.formatted(
            CLAIMED,
            ATTEMPTS,
            WorkflowSql.livePointers(claimed),
            WorkflowSql.revision("w"),
            WorkflowSql.LAST_POSITION,
            MICROS,
            FOUND,
            WorkflowSql.COLUMNS.ofFirst("w"),
            WorkflowSql.shownPointers(LEADING_COLUMNS, claimed),
            Signals.REQUIRE_MARKED_TRANSACTION,
            NOW_MILLIS,
            MICROS,
            FOUND,
            WorkflowSql.COLUMNS.ofNeither(),
            NEXT_DUE.formatted(shape.goesOn() ? "null" : NEXT_EXPIRY));
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
