package dev.wfe.postgres.internal.sql;

/**
 * The statements on scheduled commands.
 *
 * <ol>
 *   <li>A call of {@code processCommands} owns one row of {@code command_claims}: its lease. The
 *       commands that it claimed carry the lease's token; a command is free when it carries none,
 *       or one whose lease has ended or is gone.
 *   <li>Renewing touches the lease alone, so {@code xmin} and {@code ctid} of a claimed command
 *       change exactly when somebody else writes to it: that is how a command that was scheduled or
 *       moved while it was handled is told from one that may be deleted.
 *   <li>{@code claimed_time} is the time under which a command was claimed; null, or another than
 *       {@code execute_time}, once it was scheduled anew.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class CommandSql {
  private static final String LIVE =
      """
      exists (
        select from {command_claims} l
        where l.claim_token = c.claim_token and l.claimed_until > clock_timestamp())""";

  /**
   * Claiming locks commands in their order, and so must settling: another's claim may have locked
   * some of the settled ones, and be waiting for the rest (see below).
   */
  private static final String SETTLE =
      """
      with owned as materialized (
        select c.id, c.ctid, c.xmin = s.xmin::xid and c.ctid = s.ctid::tid as untouched
        from unnest(:ids::bigint[], :xmins::text[], :ctids::text[]) as s(id, xmin, ctid)
          join {scheduled_commands} c on c.id = s.id
        order by c.execute_time, c.id
        for update of c
      ), done as (
        delete from {scheduled_commands} c
        where c.ctid = any(array(select ctid from owned where untouched))
      )
      update {scheduled_commands} c set claim_token = null, claimed_time = null
      where c.id = any(array(select id from owned where untouched is not true))
        and c.claim_token = :token;
      """;

  /**
   * Locking passes over what another claims at the same moment, to the next that is free. What was
   * written since this statement began is not free, though its lease cannot be seen yet: its new
   * version has a {@code ctid} at which the update sees nothing. But it is locked, and its owner
   * may have to wait for that. The other way round, a claim waits for an owner in the middle of
   * settling, {@code skip locked} or not, when it meets a row whose earlier writer ends just then.
   * For the two never to wait for each other, all is locked in one order, and nothing that is free
   * before all that is to be settled.
   */
  private static final String CLAIM =
      """
      with newest as materialized (
        select coalesce(:newest::bigint, (select max(id) from {scheduled_commands})) as id
      ), free as materialized (
        select c.ctid from {scheduled_commands} c
        where c.execute_time <= (select :asOf::bigint)
          and (c.execute_time, c.id) > ((select :afterTime::bigint), (select :afterId::bigint))
          and c.id <= (select id from newest)
          and (c.claim_token is null or not %s)
        order by c.execute_time, c.id limit (select :limit::bigint)
        for no key update of c skip locked
      ), claimed as (
        update {scheduled_commands} c
        set claim_token = :token, claimed_time = c.execute_time
        where c.ctid = any(array(select ctid from free))
        returning c.id, c.command_name, c.data, c.execute_time,
          c.xmin::text as xmin, c.ctid::text as ctid
      ), lease as (
        insert into {command_claims} as l (claim_token, claimed_until)
        select :token, clock_timestamp() + :leaseMillis * interval '1 millisecond'
        where exists (select from claimed)
        on conflict (claim_token) do update set claimed_until = excluded.claimed_until
      )
      select claimed.*, newest.id as newest, exists (select from free) as seen,
        array(select id from {scheduled_commands} where id = any(:ids::bigint[])) as kept
      from newest left join claimed on true
      """
          .formatted(LIVE);

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
   * Settles the commands claimed before, and then claims more. One row for each claimed command, in
   * no order, or one whose command is null when there is none; each with the highest command id at
   * the time, whether free commands were seen, and the settled commands that are still there.
   */
  public final NamedSql settleAndClaim;

  /** Gives 0 or 1: the leases renewed; 0 when the lease is gone. */
  public final NamedSql renew;

  /** Removes the lease, and every other that has ended. */
  public final NamedSql endLease;

  /** Compiles the statements for the store. */
  public CommandSql(StoreNames names) {
    schedule = upsert(names, ":time", "excluded.execute_time");
    scheduleAtEarliest =
        upsert(
            names,
            """
            case when c.claimed_time = c.execute_time and %s
              then :time else least(c.execute_time, :time) end"""
                .formatted(LIVE),
            "least(c.execute_time, excluded.execute_time)");
    settle = new NamedSql(names, SETTLE);
    settleAndClaim = new NamedSql(names, SETTLE + CLAIM);
    renew =
        new NamedSql(
            names,
            """
            update {command_claims}
            set claimed_until = clock_timestamp() + :leaseMillis * interval '1 millisecond'
            where claim_token = :token
            """);
    endLease =
        new NamedSql(
            names,
            """
            delete from {command_claims}
            where claim_token = :token or claimed_until <= clock_timestamp()
            """);
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
