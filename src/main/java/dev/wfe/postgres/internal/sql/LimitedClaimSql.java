package dev.wfe.postgres.internal.sql;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.internal.mapping.EnumCodec;

/**
 * The statement that claims workflows of a definition with limits.
 *
 * <ol>
 *   <li>Only one claim at a time decides about the limits of a definition. It takes the lock of the
 *       definition before the statement that counts begins, so this one sees all that other claims
 *       have done. Claims that do not get the lock claim nothing, instead of waiting.
 *   <li>Leases that were taken in such claims name the definition, and are counted. A lease that
 *       has expired counts while its workflow is due, because its host may still renew it; it is
 *       taken over instead of another workflow. If its workflow is not due, for example because
 *       somebody has terminated it, the lease is deleted, so that its host cannot renew it. So a
 *       host that is slow or cut off does not lead to more leases than allowed.
 *   <li>A key of which as many workflows as allowed are executed may have many more that are due. A
 *       claim reads a limited number of workflows, and returns the position of the last one, if
 *       more may be due behind it.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class LimitedClaimSql {
  /** How many due workflows of a priority a claim reads, for each that it wants. */
  private static final int LOOKED_AT = 4;

  private static final int LEAST_LOOKED_AT = 64;

  /** A value of {@code found}: another claim decides about the limits at this moment. */
  public static final int LOCKED = -1;

  private static final String LOCK = "wfe_postgres.limit_lock";
  private static final String LAST_DUE_TIME = "wfe_postgres.last_due_time";
  private static final String LAST_ID = "wfe_postgres.last_id";

  private static final String PERIOD = "(select :periodMicros::float8 * interval '1 microsecond')";

  private static final String IS_DUE =
      "w.status = '%s' and w.next_execution <= %s"
          .formatted(
              EnumCodec.WORKFLOW_STATUS.encode(WorkflowStatus.RUNNABLE), ClaimSql.NOW_MILLIS);

  private static final String DUE =
      ClaimSql.due(
          ClaimSql.BEHIND,
          ClaimSql.UNLEASED + "\n            and w.id not in (select workflow_id from held)");

  private static final String TRY_LOCK =
      """
      set_config('%s',
        pg_try_advisory_xact_lock(hashtext('%s'), hashtext(:limited))::text, true)\
      """;

  /** How many more a rate allows. */
  private static final String LEFT_OF_RATE =
      """
      , (select :rate::bigint) - coalesce((
            select sum(u.used) from {limit_uses} u
            where u.definition_id = (select :limited::text)
              and u.used_at > clock_timestamp() - %s), 0)\
      """
          .formatted(PERIOD);

  /** Chooses what the limits allow, and locks it. */
  private static final String CHOOSE =
      """
      with %1$s, held as materialized (
        select l.workflow_id, l.limit_key, l.expires_at > clock_timestamp() as is_valid
        from {workflow_leases} l where l.limit_definition = (select :limited::text)
      ), expired as materialized (
        select w.id, w.version, w.next_execution, w.priority
        from held h join {workflows} w on w.id = h.workflow_id
        where not h.is_valid and %2$s
      ), given_up as (
        delete from {workflow_leases} where ctid = any (array(
          select l.ctid from held h cross join lateral (
            select l.ctid from {workflow_leases} l
            where l.workflow_id = h.workflow_id and l.expires_at <= clock_timestamp()
            for update skip locked) l
          where current_setting('%3$s') = 'true' and not h.is_valid
            and h.workflow_id not in (select id from expired)))
        returning workflow_id
      ), busy as materialized (
        select h.limit_key, count(*) as number
        from held h where h.workflow_id not in (select workflow_id from given_up)
        group by h.limit_key
      ), allowed as materialized (
        select case when current_setting('%3$s') = 'true'
          then greatest(0, least((select :limit::bigint)%4$s)) else 0 end as number
      ), takeover as materialized (
        select e.id from expired e where e.version in (select version from definition)
        order by e.priority desc, e.next_execution, e.id limit (select number from allowed)
      ), free as materialized (
        select greatest(0, least(
          a.number - (select count(*) from takeover),
          (select :atATime::bigint) - (select coalesce(sum(number), 0)::bigint from busy)))
          as number
        from allowed a
      ), shown as materialized (
        select d.version, due.*
        from definition d cross join lateral (
          select w.id, w.next_execution, w.priority, w.limit_key %5$s limit %6$s) due
        where (select number from free) > 0
      ), ranked as (
        select s.*, row_number() over (
          partition by s.limit_key order by s.priority desc, s.next_execution, s.id) as rank
        from shown s
      ), chosen as materialized (
        select id from takeover
        union all
        (select r.id
        from ranked r left join busy b on b.limit_key = r.limit_key
        where r.limit_key is null or coalesce(
          r.rank <= (select :atATimePerKey::bigint) - coalesce(b.number, 0), true)
        order by r.priority desc, r.next_execution, r.id
        limit (select number from free))
      ), last as (
        select next_execution, id from (
          select s.*, count(*) over same as number,
            row_number() over (same order by next_execution desc, id desc) as place
          from shown s window same as (partition by version, priority)) counted
        where number = %6$s and place = 1
          and (select count(*) from chosen)
            < (select count(*) from takeover) + (select number from free)
        order by next_execution, id limit 1
      ), due as materialized (
        select w.id, w.next_execution, w.priority, w.limit_key,
          pg_catalog.pg_column_size(w.data) as bytes
        from chosen c join {workflows} w on w.id = c.id
        where %2$s
        for no key update of w skip locked
      )\
      """;

  /** Stores what a rate counts, and deletes what it does not count any more. */
  private static final String USE_RATE =
      """
      , used as (
        insert into {limit_uses} as u (definition_id, used_at, used)
        select :limited, clock_timestamp(), count(*) from taken having count(*) > 0
        on conflict (definition_id, used_at) do update set used = u.used + excluded.used
      ), forgotten as (
        delete from {limit_uses} u
        where u.definition_id = (select :limited::text) and u.used_at <= clock_timestamp() - %s
      )\
      """
          .formatted(PERIOD);

  private static final String FOUND =
      "case when current_setting('%s') = 'true' then (select count(*) from due) else %s end"
          .formatted(LOCK, Integer.toString(LOCKED));

  private static final String SET_POSITION =
      """
      , set_config('%s', coalesce(last.next_execution::text, ''), true),
        set_config('%s', coalesce(last.id, ''), true)\
      """
          .formatted(LAST_DUE_TIME, LAST_ID);

  private static final String POSITION =
      """
      nullif(current_setting('%s'), '')::bigint as last_due_time,
        nullif(current_setting('%s'), '') as last_id\
      """
          .formatted(LAST_DUE_TIME, LAST_ID);

  /** When a rate that is used up allows one more, or a lease expires. */
  private static final String NEXT_USE =
      """
      (
            select pg_catalog.ceil(
              extract(epoch from min(u.used_at) + %1$s) * 1000::numeric)::bigint
            from {limit_uses} u
            where u.definition_id = (select :limited::text)
              and u.used_at > clock_timestamp() - %1$s
            having sum(u.used) >= (select :rate::bigint)), \
      """
          .formatted(PERIOD);

  /** Sets what {@link LeaseSql#USE_INDEXES} sets, unless the parameter is null. */
  private static final String USAGE =
      """
      select set_config('enable_seqscan',
          coalesce(:seqScan::text, current_setting('enable_seqscan')), true),
        set_config('enable_bitmapscan',
          coalesce(:seqScan::text, current_setting('enable_bitmapscan')), true);
      with own as materialized (
        select id, definition_id, limit_key from {workflows} where id = :workflowId
      ), counted as materialized (
        select l.limit_key
        from {workflow_leases} l left join {workflows} w on w.id = l.workflow_id
        where l.limit_definition = (select definition_id from own)
          and l.workflow_id <> :workflowId
          and (l.expires_at > clock_timestamp() or coalesce(%s, false))
      ), uses as materialized (
        select u.used, u.used_at
        from {limit_uses} u
        where u.definition_id = (select definition_id from own) and isfinite(u.used_at)
          and u.used_at > clock_timestamp() - :periodMicros::float8 * interval '1 microsecond'
      )
      select (select count(*) from counted) as at_a_time,
        (select count(*) from counted c where c.limit_key = o.limit_key) as of_key,
        (select coalesce(sum(u.used), 0)::bigint from uses u) as claimed,
        (select (extract(epoch from min(u.used_at)) * 1000000::numeric)::bigint from uses u)
          as earliest_micros
      from own o
      """
          .formatted(IS_DUE);

  /**
   * Counts what a claim of a workflow would count: the leases of its definition that others have
   * and that were taken under limits, and what was claimed in the period. No row: there is no such
   * workflow. The reason why it is no query over the entities: the table of leases is often nearly
   * empty and its file large, so the settings of the claim are needed.
   */
  public final NamedSql usage;

  /**
   * Lets limits no longer count the leases that a claim took of a definition, except those of some
   * workflows. Any number of rows is right: others may have taken them over.
   */
  public final NamedSql stopCounting;

  private final NamedSql.Variants<Shape> claims;

  /** Compiles the statements for the store. */
  public LimitedClaimSql(StoreNames names) {
    usage = new NamedSql(names, USAGE);
    stopCounting =
        new NamedSql(
            names,
            """
            update {workflow_leases} set limit_definition = null, limit_key = null
            where limit_definition = :limited and owner = :owner and epoch = :epoch
              and workflow_id <> all (:counted)
            """);
    claims = new NamedSql.Variants<>(names, shape -> template(names, shape));
  }

  private record Shape(int limit, boolean hasRate) {}

  /**
   * Claims due workflows of versions of the definition {@code limited}. The result is that of
   * {@link ClaimSql#claim}, except that:
   *
   * <ul>
   *   <li>{@code found} is {@link #LOCKED} if another claim decides about the limits at this
   *       moment.
   *   <li>{@code last_due_time} and {@code last_id} are the position of the last workflow that was
   *       looked at, if the claim looked at as many as it may; otherwise null.
   *   <li>{@code until_next_due} also considers when the rate allows more.
   * </ul>
   */
  public NamedSql claim(int limit, boolean hasRate) {
    return claims.of(new Shape(ClaimSql.literal(limit), hasRate));
  }

  private static String template(StoreNames names, Shape shape) {
    return LeaseSql.USE_INDEXES
        + ", "
        + SubscriptionSql.REQUIRE_READ_COMMITTED
        + ", "
        + TRY_LOCK.formatted(LOCK, names.table("workflow_leases"))
        + ";\n"
        + CHOOSE.formatted(
            ClaimSql.DEFINITIONS,
            IS_DUE,
            LOCK,
            shape.hasRate() ? LEFT_OF_RATE : "",
            DUE,
            Math.max(LEAST_LOOKED_AT, LOOKED_AT * shape.limit()))
        + ClaimSql.take(
            ", limit_definition, limit_key",
            ", :limited, limit_key",
            ", limit_definition = excluded.limit_definition, limit_key = excluded.limit_key",
            shape.hasRate() ? USE_RATE : "",
            FOUND,
            SET_POSITION,
            " left join last on true")
        + ClaimSql.read(POSITION, (shape.hasRate() ? NEXT_USE : "") + ClaimSql.NEXT_EXPIRY);
  }
}
