package dev.wfe.postgres.internal.sql;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.postgres.internal.mapping.StoreFields;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The statements on scheduled commands, and the rules of their leases.
 *
 * <ol>
 *   <li>A call of {@code processCommands} owns one row of {@code command_claims}: its lease. The
 *       commands that it has claimed carry the lease's token. A command is free if it has no token,
 *       or if no lease row has its token.
 *   <li>Another call takes an expired lease over by deleting its row. The owner can renew the lease
 *       only before it expires. Both operations lock the row, so exactly one of them succeeds, and
 *       a lease that was taken over never becomes valid again.
 *   <li>Renewing writes only to the lease row, so {@code xmin} of a claimed command changes exactly
 *       when somebody else writes to the command. This distinguishes a command that was rescheduled
 *       while it was handled from one that may be deleted. {@code xmin} survives {@code VACUUM
 *       FULL} and {@code CLUSTER}; {@code ctid} does not. If commits are lost in a crash or
 *       failover, a transaction number may be assigned again. The token is a random UUID of the
 *       call, so token and {@code xmin} together still identify the claim.
 *   <li>{@code claimed_time} is the {@code execute_time} at which a command was claimed. After the
 *       command is rescheduled, it is null or differs from {@code execute_time}.
 *   <li>Every statement locks leases first and commands second, and does not wait for the lease of
 *       another call. Therefore two calls never wait for each other.
 * </ol>
 *
 * <p>Ids are read as bigint, because they are 32-bit numbers in stores that the Rust provider
 * created.
 *
 * <p>Thread-safe.
 */
public final class CommandSql {
  /** The rows of commands to schedule. */
  public static final RowList<ScheduledCommand> NEW =
      new RowList<>(Columns.of(StoreFields.COMMAND), "k");

  private static final String LIVE =
      """
      exists (
        select from {command_claims} l
        where l.claim_token = c.claim_token and l.claimed_until > clock_timestamp())\
      """;

  /**
   * Whether this library knows the command's name. This is a case expression, because the planner
   * has no statistics for it. For a plain comparison it uses the column's statistics, and if known
   * (or unknown) names are rare it expects to read the whole table.
   */
  private static final String KNOWN =
      "case when c.command_name in (%s) then true else false end"
          .formatted(
              Stream.of(CommandName.values())
                  .map(name -> "'" + name.word() + "'")
                  .collect(Collectors.joining(", ")));

  /**
   * Settling deletes the handled commands and releases the others. It locks commands in the order
   * of {@code execute_time} and {@code id}, as claiming does, because a concurrent claim may have
   * locked some of these commands and be waiting for the rest (see {@link #CLAIM}). A handled
   * command is deleted even if the lease has expired, as long as no other call has claimed it
   * since: a claim would have changed its token.
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

  /**
   * Whether a settled command is still there and still claimed, so that the delete or the release
   * was suppressed.
   */
  private static final String UNSETTLED =
      """
      exists (
        select from {scheduled_commands}
        where id = any(:ids::bigint[]) and claim_token = :token)\
      """;

  private static final String END_LEASE =
      "delete from {command_claims} where claim_token = :token returning " + UNSETTLED;

  /**
   * Claims free commands; {@code skip locked} skips commands that another call is claiming.
   *
   * <p>Locks and deadlocks: A command that was claimed after this statement began is locked here,
   * although its new lease is not visible to this snapshot. The update does not claim it, because
   * its snapshot sees no row at the {@code ctid} of the new version. But its owner may have to wait
   * for this lock. Conversely, a claim may wait for an owner that is settling, despite {@code skip
   * locked}, when the previous writer of a row ends at that moment. To prevent a deadlock between
   * the two, every statement locks commands in the same order, and locks all commands to settle
   * before any free command.
   *
   * <p>The limits are literals, because for a parameter the planner assumes a tenth of the table.
   * The plan then looks so expensive that a server with JIT compiles the statement on every call.
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
        %4$s or (exists (select from claimed) and not exists (select from lease)) as suppressed,
        array(select id::bigint from {scheduled_commands} where id = any(:ids::bigint[])) as kept
      from newest left join (
        select * from claimed union all select *, null from unknown) as found on true
      """;

  private final StoreNames names;
  private final Map<Integer, NamedSql> claims = new ConcurrentHashMap<>();

  /** Returns one row with the number of commands that were moved or inserted, which is 1. */
  public final NamedSql schedule;

  /** Schedules many commands, each with another key. Returns one row with their number. */
  public final NamedSql scheduleMany;

  /** As {@link #schedule}, but keeps the earlier of the two times. */
  public final NamedSql scheduleAtEarliest;

  /**
   * Settles claimed commands: deletes those with a version in {@code xmins}, if nobody else has
   * written to them, and releases the rest. The row count is the number of released commands.
   */
  public final NamedSql settle;

  /**
   * As {@link #settle}, and removes the lease. Returns one row that tells whether the database
   * suppressed a write; no row if the lease is gone.
   */
  public final NamedSql settleAndEnd;

  /** Renews the lease. The row count is 1 if it was renewed, and 0 if it has expired or is gone. */
  public final NamedSql renew;

  /** Compiles the statements for the store. */
  public CommandSql(StoreNames names) {
    this.names = names;
    scheduleMany =
        new NamedSql(
            names,
            "with "
                + scheduled(NEW.rows(RowList.MANY))
                + "select (select count(*) from moved) + (select count(*) from scheduled)");
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
   * Settles the commands that were claimed before, claims up to {@code limit} more, and creates or
   * extends the lease for them. If no command is free, it removes the lease. It also removes
   * expired leases of other calls.
   *
   * <p>Returns, in no order, one row for each claimed command, and one row without {@code xmin} for
   * each of the first skipped commands with an unknown name. If there are neither, it returns one
   * row whose id is null. Each row also contains the highest command id at the start of the call
   * ({@code newest}), the version of the first free command ({@code seen}), whether the database
   * suppressed a write ({@code suppressed}), and the ids of the settled commands that still exist
   * ({@code kept}).
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

  /**
   * Tries the update first, because an insert with a conflict consumes a value of the id sequence.
   */
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

  /**
   * The expressions {@code moved} and {@code scheduled}, which schedule the commands of a {@code
   * from} list that provides {@link #NEW}. Each command is in one of them. Existing commands are
   * locked in the order in which they are claimed and settled, and new ones are inserted in the
   * order in which they are sent. If two batches schedule the same commands at the same moment, and
   * some of them are new to only one of the two, a deadlock is possible. PostgreSQL ends one of the
   * transactions; the provider repeats it unless it is a caller's.
   */
  static String scheduled(String from) {
    return """
    command as materialized (select %s from %s), known as materialized (
      select c.id, k.execute_time
      from {scheduled_commands} c
        join command k on c.command_name = k.command_name and c.data = k.data
      order by c.execute_time, c.id for no key update of c
    ), moved as (
      update {scheduled_commands} c set execute_time = k.execute_time, claimed_time = null
      from known k where c.id = k.id
      returning c.command_name, c.data
    ), scheduled as (
      insert into {scheduled_commands} as c (%s)
      select k.command_name, k.data, k.execute_time from command k
      where not exists (
        select from moved m where m.command_name = k.command_name and m.data = k.data)
      on conflict (command_name, data) do update
      set execute_time = excluded.execute_time, claimed_time = null
      returning 1
    )
    """
        .formatted(NEW.columns(), from, NEW.names());
  }
}
