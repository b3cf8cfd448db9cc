package dev.wfe.postgres.internal.sql;

import dev.wfe.model.CommandName;
import dev.wfe.persistence.ProcessedCommands;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The statements on scheduled commands.
 *
 * <ol>
 *   <li>A call of {@code processCommands} owns one row of {@code command_claims}: its lease. The
 *       commands that it claimed carry the lease's token; a command is free when it carries none,
 *       or one that has no lease row.
 *   <li>A lease that has expired is taken over by deleting its row. The owner renews it only while
 *       it has not expired. Both lock the row, so exactly one of them succeeds, and a lease that
 *       was taken over is never revived.
 *   <li>Renewing touches the lease alone, so {@code xmin} of a claimed command changes exactly when
 *       somebody else writes to it. That is how a command that was scheduled or moved while it was
 *       handled is told from one that may be deleted. {@code xmin} survives {@code VACUUM FULL} and
 *       {@code CLUSTER}; {@code ctid} does not. After lost commits a transaction number may come
 *       again, but the token is a random UUID of this call, so token and {@code xmin} together
 *       belong to this claim alone.
 *   <li>{@code claimed_time} is the time under which a command was claimed; null, or another than
 *       {@code execute_time}, once it was scheduled anew.
 *   <li>Every statement locks leases first and commands second, and waits for no other call's
 *       lease. So two calls never wait for each other.
 * </ol>
 *
 * <p>Ids are read as bigint: stores of the Rust provider have 32-bit ids.
 *
 * <p>Thread-safe.
 */
public final class CommandSql {
  private static final String LIVE =
      """
      exists (
        select from {command_claims} l
        where l.claim_token = c.claim_token and l.claimed_until > clock_timestamp())\
      """;

  /**
   * Whether this library knows the command. A case expression, because for a plain comparison the
   * planner would consult its statistics, and expect to read the whole table where known or unknown
   * words are rare.
   */
  private static final String KNOWN =
      "case when c.command_name in (%s) then true else false end"
          .formatted(
              Stream.of(CommandName.values())
                  .map(name -> "'" + name.word() + "'")
                  .collect(Collectors.joining(", ")));

  /**
   * Claiming locks commands in their order, and so must settling: another's claim may have locked
   * some of the settled ones, and be waiting for the rest (see below). A command whose lease has
   * expired is still deleted if nobody has claimed it since: its token would have changed.
   */
  private static final String SETTLE =
      """
      with lease as materialized (
        select from {command_claims} where claim_token = :token for update
      ), owned as materialized (
        select c.id, c.ctid, c.claim_token = :token and c.xmin = s.xmin::xid as untouched
        from rows from (pg_catalog.unnest(:ids::bigint[]), pg_catalog.unnest(:xmins::text[]))
          as s(id, xmin)
          join {scheduled_commands} c on c.id = s.id
        where (select count(*) from lease) >= 0
        order by c.execute_time, c.id
        for update of c
      ), done as (
        delete from {scheduled_commands} c
        where c.ctid = any(array(select ctid from owned where untouched))
      )
      update {scheduled_commands} c set claim_token = null, claimed_time = null
      where c.id = any(array(select id from owned where untouched is not true))
        and c.claim_token = :token
      """;

  /** Whether a settled command is neither deleted nor let go of. */
  private static final String UNSETTLED =
      """
      exists (
        select from {scheduled_commands}
        where id = any(:ids::bigint[]) and claim_token = :token)\
      """;

  private static final String END_LEASE =
      "delete from {command_claims} where claim_token = :token returning " + UNSETTLED;

  /**
   * Locking passes over what another claims at the same moment, to the next that is free. What was
   * written since this statement began is not free, though its lease cannot be seen yet: its new
   * version has a {@code ctid} at which the update sees nothing. But it is locked, and its owner
   * may have to wait for that. The other way round, a claim waits for an owner in the middle of
   * settling, {@code skip locked} or not, when it meets a row whose earlier writer ends just then.
   * For the two never to wait for each other, all is locked in one order, and nothing that is free
   * before all that is to be settled.
   *
   * <p>The limits are literals. For a parameter the planner assumes a tenth of the table, and a
   * server with JIT would compile the statement on every call.
   */
  private static final String CLAIM =
      """
      with newest as materialized (
        select coalesce(:newest::bigint, (select max(id) from {scheduled_commands})) as id
      ), expired as (
        delete from {command_claims}
        where ctid = any(array(
          select ctid from {command_claims}
          where claimed_until <= clock_timestamp() and claim_token <> :token
          for update skip locked))
        returning claim_token
      ), free as materialized (
        select c.ctid, c.xmin, c.execute_time, c.id from {scheduled_commands} c
        where c.execute_time <= (select :asOf::bigint)
          and (c.execute_time, c.id) > ((select :afterTime::bigint), (select :afterId::bigint))
          and c.id <= (select id from newest)
          and %1$s
          and (c.claim_token is null
            or c.claim_token = any(array(select claim_token from expired))
            or not exists (select from {command_claims} l where l.claim_token = c.claim_token))
        order by c.execute_time, c.id limit %2$s
        for no key update of c skip locked
      ), last as materialized (
        select execute_time, id from free order by execute_time desc, id desc limit 1
      ), claimed as (
        update {scheduled_commands} c
        set claim_token = :token, claimed_time = c.execute_time
        where c.ctid = any(array(select ctid from free))
        returning c.id, c.command_name, c.data, c.execute_time, c.xmin::text as xmin
      ), lease as (
        insert into {command_claims} as l (claim_token, claimed_until)
        select :token, clock_timestamp() + :leaseMillis::float8 * interval '1 millisecond'
        where exists (select from claimed)
        on conflict (claim_token) do update set claimed_until = excluded.claimed_until
        returning 1
      ), ended as (
        delete from {command_claims} where claim_token = :token and not exists (select from free)
      ), unknown as materialized (
        select c.id, c.command_name, c.data, c.execute_time from {scheduled_commands} c
        where (c.execute_time, c.id) > ((select :afterTime::bigint), (select :afterId::bigint))
          and (c.execute_time, c.id) <= (
            coalesce((select execute_time from last), :asOf::bigint),
            coalesce((select id from last), (select id from newest)))
          and c.id <= (select id from newest)
          and not %1$s
        order by c.execute_time, c.id limit %3$s
      )
      select found.id::bigint, command_name, data, execute_time, xmin,
        newest.id as newest,
        (select xmin::text || ' ' || ctid::text from free limit 1) as seen,
        %4$s or (exists (select from claimed) and not exists (select from lease)) as withheld,
        array(select id::bigint from {scheduled_commands} where id = any(:ids::bigint[])) as kept
      from newest left join (
        select * from claimed union all select *, null from unknown) as found on true
      """;

  private final StoreNames names;
  private final Map<Integer, NamedSql> claims = new ConcurrentHashMap<>();

  /** One row, whose number is 1: the row that was moved or inserted. */
  public final NamedSql schedule;

  /** As {@link #schedule}, keeping the earlier time. */
  public final NamedSql scheduleAtEarliest;

  /**
   * Gives the number of commands let go of: of those claimed before, all that are not deleted,
   * which are those with a version unless somebody touched them.
   */
  public final NamedSql settle;

  /**
   * As {@link #settle}, and removes the lease. One row that tells whether the database withheld a
   * write; none when the lease is gone.
   */
  public final NamedSql settleAndEnd;

  /** Gives 0 or 1: the leases renewed; 0 when the lease has expired or is gone. */
  public final NamedSql renew;

  /** Compiles the statements for the store. */
  public CommandSql(StoreNames names) {
    this.names = names;
    schedule = upsert(names, ":time", "excluded.execute_time");
    scheduleAtEarliest =
        upsert(
            names,
            """
            case when c.claimed_time = c.execute_time and %s
              then :time else least(c.execute_time, :time) end\
            """
                .formatted(LIVE),
            "least(c.execute_time, excluded.execute_time)");
    settle = new NamedSql(names, SETTLE);
    settleAndEnd = new NamedSql(names, SETTLE + ";\n" + END_LEASE);
    renew =
        new NamedSql(
            names,
            """
            update {command_claims}
            set claimed_until = clock_timestamp() + :leaseMillis::float8 * interval '1 millisecond'
            where claim_token = :token and claimed_until > clock_timestamp()
            """);
  }

  /**
   * Settles the commands claimed before, claims up to {@code limit} more, and takes or prolongs the
   * lease for them; when no more are free, it removes the lease. Removes the leases of others that
   * have expired.
   *
   * <p>One row, in no order, for each command that was claimed, and one without {@code xmin} for
   * each of the first commands with an unknown word that it passed over. If neither, one row whose
   * id is null. Each row has the highest command id at the time, the version of the first free
   * command that was seen, whether the database withheld a write, and the ids of the settled
   * commands that are still there.
   */
  public NamedSql settleAndClaim(int limit) {
    return claims.computeIfAbsent(
        limit,
        literal ->
            new NamedSql(
                names,
                SETTLE
                    + ";\n"
                    + CLAIM.formatted(KNOWN, literal, ProcessedCommands.MAX_FAILURES, UNSETTLED)));
  }

  /** Updates first, because an insert that meets a conflict would use up a number of the ids. */
  private static NamedSql upsert(StoreNames names, String time, String timeOnConflict) {
    return new NamedSql(
        names,
        """
        with moved as (
          update {scheduled_commands} c set execute_time = %s, claimed_time = null
          where c.command_name = :name and c.data = :data
          returning c.id
        ), inserted as (
          insert into {scheduled_commands} as c (command_name, data, execute_time)
          select :name, :data, :time where not exists (select from moved)
          on conflict (command_name, data) do update
          set execute_time = %s, claimed_time = null
          returning c.id
        )
        select (select count(*) from moved) + (select count(*) from inserted)
        """
            .formatted(time, timeOnConflict));
  }
}
