package dev.wfe.postgres.internal.sql;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.internal.mapping.EnumCodec;
import java.util.Map;

/**
 * The statements that claim workflows. {@link LeaseSql} has the rules for leases.
 *
 * <ol>
 *   <li>A claim consists of two statements in one transaction, after its settings. The first one
 *       locks due workflows and takes their leases. The second one reads the live parts. A single
 *       statement would read the pointers from its snapshot, which is older than the locks: between
 *       the snapshot and the lock, another host may have claimed, executed and released the
 *       workflow, and its finished steps would be executed again.
 *   <li>{@code now()} decides what is due, because both statements have to agree on it. It is the
 *       time at which the claim began.
 *   <li>A claim reads, for each version of a definition and each priority, the claim index from the
 *       beginning, or goes on behind a position in it: the earliest workflows are often leased, and
 *       in the index and in the table of leases, entries stay that an old snapshot may still need.
 *       A claim from the beginning reads all that.
 *   <li>The definitions take turns, so that many due workflows of one do not hold up the others.
 *   <li>Definitions with limits have a statement of their own, see {@link LimitedClaimSql}.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class ClaimSql {
  /** Columns before those of workflows and pointers: see {@link #claim}. */
  private static final int LEADING_COLUMNS = 10;

  /** The column indexes of a workflow in the result of a claim. */
  public static final Map<String, Integer> WORKFLOW_COLUMNS =
      WorkflowSql.COLUMNS.indexesOfFirst(LEADING_COLUMNS);

  /** The column indexes of a pointer in the same result. */
  public static final Map<String, Integer> POINTER_COLUMNS =
      WorkflowSql.COLUMNS.indexesOfSecond(LEADING_COLUMNS);

  /** Settings of the transaction through which the first statement of a claim tells the second. */
  private static final String CLAIMED = "wfe_postgres.claimed";

  private static final String ATTEMPTS = "wfe_postgres.attempts";

  /** The number of workflows that were locked. */
  private static final String FOUND = "wfe_postgres.found";

  static final String NOW_MILLIS =
      "(select pg_catalog.floor(extract(epoch from now()) * 1000::numeric)::bigint)";

  /**
   * The versions of definitions, each with each priority, and the position behind which the claim
   * goes on. The sub-selects hide the lengths of the arrays, for which the planner would plan each
   * time.
   */
  static final String DEFINITIONS =
      """
      definition as materialized (
        select d.definition_id, d.version, d.priority, d.after_time, d.after_id
        from rows from (
            pg_catalog.unnest((select :definitions::text[])),
            pg_catalog.unnest((select :versions::bigint[])),
            pg_catalog.unnest((select :priorities::bigint[])),
            pg_catalog.unnest((select :afterTimes::bigint[])),
            pg_catalog.unnest((select :afterIds::text[])))
          as d(definition_id, version, priority, after_time, after_id))\
      """;

  /** In the order of the claim index, which is the order of due times within a priority. */
  private static final String SCHEDULED =
      """
      from {workflows} w
          where w.status = '%s' and w.next_execution is not null
            and %%s
          order by w.definition_id, w.version, w.priority, w.next_execution, w.id\
      """
          .formatted(EnumCodec.WORKFLOW_STATUS.encode(WorkflowStatus.RUNNABLE));

  static final String BEHIND =
      "(w.definition_id, w.version, w.priority, w.next_execution, w.id)"
          + " > (d.definition_id, d.version, d.priority, d.after_time, d.after_id)";

  static final String UNLEASED =
      """
      coalesce((
              select l.expires_at <= clock_timestamp() from {workflow_leases} l
              where l.workflow_id = w.id), true)\
      """;

  /**
   * The workflows of the definition {@code d} that are due and that no lease covers. Rows are
   * compared instead of columns, so that only the claim index fits. With equal columns, the planner
   * may choose the index by due time, and then reads all due workflows of other definitions.
   */
  private static final String DUE =
      due(
          "(w.definition_id, w.version, w.priority) >= (d.definition_id, d.version, d.priority)",
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
          BEHIND,
          UNLEASED
              + """

                  and pg_catalog.age(w.xmax) > (select pg_catalog.age(
                    pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::xid))
                  and w.xmax <> all (array(
                    select x::xid from pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot()) x))\
              """);

  static String due(String first, String notLeased) {
    return SCHEDULED.formatted(
        """
        %s
            and (w.definition_id, w.version, w.priority, w.next_execution)
              <= (d.definition_id, d.version, d.priority, %s)
            and %s\
        """
            .formatted(first, NOW_MILLIS, notLeased));
  }

  /** The workflows of the definition {@code d} that are due later. */
  private static final String NOT_DUE =
      SCHEDULED
          .formatted(
              """
              (w.definition_id, w.version, w.priority, w.next_execution)
                    > (d.definition_id, d.version, d.priority, %s)
                  and (w.definition_id, w.version, w.priority)
                    <= (d.definition_id, d.version, d.priority)\
              """)
          .formatted(NOW_MILLIS);

  /** Finds each definition behind the one before it in the claim index. */
  private static final String DUE_DEFINITIONS =
      """
      with recursive leased as materialized (%1$s), d(definition_id, version, priority) as (
        (select w.definition_id, w.version, w.priority %2$s limit 1)
        union all
        select next.definition_id, next.version, next.priority
        from d cross join lateral (
          select w.definition_id, w.version, w.priority %3$s limit 1) next
      )
      select d.definition_id, d.version, due.id, due.next_execution
      from d cross join lateral (select w.id, w.next_execution %4$s limit 1) due
      order by due.next_execution desc, due.id desc
      """
          .formatted(
              LeaseSql.leased(LeaseSql.WORKFLOW),
              SCHEDULED.formatted("true"),
              SCHEDULED.formatted(
                  "(w.definition_id, w.version, w.priority)"
                      + " > (d.definition_id, d.version, d.priority)"),
              DUE);

  /**
   * How many workflows of each definition and priority are taken if the definitions take turns. It
   * is computed without locks, so that a claim locks no more rows than it takes.
   */
  private static final String QUOTAS =
      """
      candidate as materialized (
        select definition_id, version, priority, after_time, after_id
        from (
          select d.*, due.next_execution, due.id, row_number() over (
              partition by d.definition_id
              order by d.priority desc, due.next_execution, due.id) as turn
          from definition d cross join lateral (
            select w.next_execution, w.id %s limit %s) due) ordered
        order by turn, next_execution, id limit (select :limit::bigint)
      ), quota as materialized (
        select definition_id, version, priority, after_time, after_id, count(*) as most
        from candidate group by 1, 2, 3, 4, 5)\
      """;

  private static final String LEASED = "leased as materialized (%s), ";

  /** The priorities of one definition, the highest first. */
  private static final String QUOTA_OF_ONE =
      """
      quota as materialized (
        select d.*, :limit::bigint as most from definition d)\
      """;

  /**
   * Locks workflows. The limit within {@code due} is a literal, because for a parameter the planner
   * assumes a tenth of the table. The plan then looks so expensive that a server with JIT compiles
   * the statement on every call. The outer limits stop the inner query before it locks more rows.
   */
  private static final String LOCK =
      """
      with %1$s, %2$s, due as materialized (
        select due.id, due.next_execution, due.priority, due.bytes
        from quota d cross join lateral (
          select * from (
            select w.id, w.next_execution, w.priority, pg_catalog.pg_column_size(w.data) as bytes
            %3$s limit %4$s
            for no key update of w skip locked) earliest
          limit d.most) due
        limit (select :limit::bigint)
      )\
      """;

  /** Takes the leases of the workflows in {@code due}. */
  private static final String TAKE =
      """
      , admitted as (
        select * from (
          select due.*, coalesce(sum(bytes) over (
              order by priority desc, next_execution, id
              rows between unbounded preceding and 1 preceding),
            0) as bytes_before
          from due) bounded
        where bytes_before < :maxBytes
      ), taken as (
        insert into {workflow_leases} as l
          (workflow_id, owner, epoch, attempt, expires_at%1$s)
        select id, :owner, :epoch, 1, %2$s%3$s from admitted order by id
        on conflict (workflow_id) do update
        set owner = excluded.owner, epoch = excluded.epoch, attempt = l.attempt + 1,
          expires_at = excluded.expires_at%4$s
        where l.expires_at <= clock_timestamp()
        returning l.workflow_id, l.attempt
      )%5$s
      select set_config('%6$s', coalesce(claimed.ids, '{}')::text, true),
        set_config('%7$s', coalesce(claimed.attempts, '{}')::text, true),
        set_config('%8$s', (%9$s)::text, true)%10$s
      from (
        select pg_catalog.array_agg(id) as ids, pg_catalog.array_agg(attempt) as attempts
        from (
          select due.id, taken.attempt from due join taken on taken.workflow_id = due.id
          order by due.priority desc, due.next_execution, due.id) ordered) claimed%11$s;
      """;

  static final String FOUND_DUE = "select count(*) from due";

  private static final String READ =
      """
      with claimed as materialized (
        select c.id, c.attempt, c.rank
        from rows from (
            pg_catalog.unnest(nullif(current_setting('%1$s', true), '')::text[]),
            pg_catalog.unnest(nullif(current_setting('%2$s', true), '')::int[]))
          with ordinality as c(id, attempt, rank)
      ), %3$s
      select %4$s as revision, %5$s as last_position, c.rank, c.attempt,
        null::bigint as until_next_due, now() as time, %6$s as micros,
        current_setting('%7$s')::int as found, %8$s, %9$s
      from claimed c join {workflows} w on w.id = c.id
      union all
      %10$s
      union all
      select '', null, null, %11$s, next.millis - %12$s, now(), %6$s,
        current_setting('%7$s')::int, %8$s, %13$s
      from (select 1 where not exists (select from claimed)) nothing
        left join lateral (%14$s) next on true
      """;

  /** The columns that only claims under limits have. */
  private static final String NO_POSITION = "null::bigint as last_due_time, null::text as last_id";

  private static final String NEXT_DUE =
      """
      with %s
        select least(min(due.next_execution), %%s) as millis
        from definition d cross join lateral (
          select w.next_execution %s limit 1) due\
      """
          .formatted(DEFINITIONS, NOT_DUE);

  static final String NEXT_EXPIRY =
      """
      (
            select pg_catalog.ceil(extract(epoch from min(expires_at)) * 1000::numeric)::bigint
            from {workflow_leases}
            where workflow_id >= '' and expires_at > clock_timestamp())\
      """;

  /** How long the claim has taken until now. */
  private static final String MICROS =
      "(extract(epoch from clock_timestamp() - now()) * 1000000::numeric)::bigint";

  private final NamedSql.Variants<Shape> claims;

  /**
   * Returns each version of a definition of which a workflow is due, with the id and the due time
   * of the earliest one of each priority; the earliest of all last.
   */
  public final NamedSql dueDefinitions;

  /** Compiles the statements for the store. */
  public ClaimSql(StoreNames names) {
    claims = new NamedSql.Variants<>(names, ClaimSql::template);
    dueDefinitions = new NamedSql(names, LeaseSql.USE_INDEXES + ";\n" + DUE_DEFINITIONS);
  }

  private record Shape(boolean ofOneDefinition, int limit, boolean goesOn) {}

  /**
   * Claims due workflows of the definitions, which are distinct. Returns, in no order, the rows of
   * the claimed workflows and of the pointers of their live parts. The leading columns are:
   *
   * <ol>
   *   <li>{@code revision}: null in the rows of pointers. If no workflow was claimed, the result is
   *       a single row with an empty revision.
   *   <li>{@code last_position}: the greatest position of the workflow's pointers.
   *   <li>{@code rank}: the place of the workflow in the order of priorities and due times.
   *   <li>{@code attempt}: of the lease.
   *   <li>{@code until_next_due}: only in the row with the empty revision: the milliseconds until
   *       the next workflow of the definitions is due or a lease expires; null if neither is known.
   *   <li>{@code time}: the database's time at the claim; null in the rows of pointers.
   *   <li>{@code micros}: how many microseconds the claim took; null in the rows of pointers.
   *   <li>{@code found}: how many due workflows the claim found. Others may have leased some of
   *       them since it began. Null in the rows of pointers.
   *   <li>{@code last_due_time} and {@code last_id}: see {@link LimitedClaimSql}; here null.
   * </ol>
   *
   * @param goesOn whether to claim only what is behind the positions of the definitions. Leases do
   *     not count for {@code until_next_due} then
   */
  public NamedSql claim(int definitions, int limit, boolean goesOn) {
    return claims.of(new Shape(definitions == 1, literal(limit), goesOn));
  }

  /** Returns the next power of two, so that the number of distinct statements stays small. */
  static int literal(int limit) {
    int power = Integer.highestOneBit(limit);
    return power == limit ? power : power * 2;
  }

  private static String template(Shape shape) {
    String due = shape.goesOn() ? DUE_AFTER : DUE;
    String quota = shape.ofOneDefinition() ? QUOTA_OF_ONE : QUOTAS.formatted(due, shape.limit());
    return LeaseSql.USE_INDEXES
        + ", "
        + SubscriptionSql.REQUIRE_READ_COMMITTED
        + ";\n"
        + LOCK.formatted(
            DEFINITIONS,
            shape.goesOn() ? quota : LEASED.formatted(LeaseSql.leased(LeaseSql.WORKFLOW)) + quota,
            due,
            shape.limit())
        + take("", "", "", "", FOUND_DUE, "", "")
        + read(NO_POSITION, shape.goesOn() ? "null" : NEXT_EXPIRY);
  }

  /**
   * Takes the leases of the workflows in {@code due}, in the end of a statement that begins with
   * {@code with}.
   *
   * @param columns further columns of a lease
   * @param values their values
   * @param update how they are changed when a lease is taken over
   * @param more further expressions that may use {@code taken}
   * @param found the number that the claim found
   * @param settings further settings that the statement makes
   * @param from where it reads them from
   */
  static String take(
      String columns,
      String values,
      String update,
      String more,
      String found,
      String settings,
      String from) {
    return TAKE.formatted(
        columns,
        LeaseSql.EXPIRY,
        values,
        update,
        more,
        CLAIMED,
        ATTEMPTS,
        FOUND,
        found,
        settings,
        from);
  }

  /**
   * Reads the live parts.
   *
   * @param position the last two leading columns
   * @param nextDue when something else may be due, in milliseconds
   */
  static String read(String position, String nextDue) {
    String claimed = "array(select id from claimed)";
    return READ.formatted(
        CLAIMED,
        ATTEMPTS,
        WorkflowSql.livePointers(claimed),
        WorkflowSql.revision("w"),
        WorkflowSql.LAST_POSITION,
        MICROS,
        FOUND,
        position,
        WorkflowSql.COLUMNS.ofFirst("w"),
        WorkflowSql.shownPointers(LEADING_COLUMNS, claimed),
        Signals.REQUIRE_MARKED_TRANSACTION,
        NOW_MILLIS,
        WorkflowSql.COLUMNS.ofNeither(),
        NEXT_DUE.formatted(nextDue));
  }
}
