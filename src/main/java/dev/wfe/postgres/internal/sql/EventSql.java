package dev.wfe.postgres.internal.sql;

import dev.wfe.model.Event;
import dev.wfe.postgres.internal.mapping.StoreFields;

/** The statements on events; see {@link SubscriptionSql} for the locks. Thread-safe. */
public final class EventSql {
  /** The columns of an event. */
  public static final Columns<Event> EVENT = Columns.of(StoreFields.EVENT);

  /** The rows of new events. */
  public static final RowList<Event> NEW = new RowList<>(EVENT, "v");

  /** Limits the wait for the topic lock; null leaves the setting unchanged. */
  private static final String LIMIT_WAITING =
      "set_config('lock_timeout', coalesce(:lockTimeout::text, current_setting('lock_timeout')),"
          + " true)";

  /** As {@link LeaseSql#USE_INDEXES}; null leaves the setting unchanged. */
  static final String USE_INDEXES =
      "set_config('enable_seqscan', coalesce(:seqScan::text, current_setting('enable_seqscan')),"
          + " true)";

  /** Whether the subscription {@code s} covers the event {@code e}. */
  static final String COVERS = covers("e");

  /** Whether the subscription {@code s} covers the event with the alias. */
  static String covers(String event) {
    return """
    s.event_name = %1$s.event_name and s.event_key = %1$s.event_key
      and s.subscribe_as_of <= %1$s.event_time and %2$s
    """
        .formatted(event, ReplaySql.notExcluded("s", event));
  }

  /** The setting of the transaction with the ids of the events whose topics are locked. */
  private static final String LOCKED = "wfe_postgres.locked";

  /** Whether the event is marked processed after the statement; only meaningful if it is free. */
  private static final String MARKED =
      "(is_processed is true or exists (select from marked)) as done";

  private static final String MARK_PROCESSED =
      """
      with event as (
        select e.id, e.is_processed,
          not exists (select from {event_subscriptions} s where %s) as free
        from {events} e where e.id = :id
      ), marked as (
        update {events} e set is_processed = true from event
        where e.id = event.id and event.free and e.is_processed is not true
        returning 1
      ), %s
      select free, %s, %s from event
      """
          .formatted(
              COVERS,
              unleased("array(select id from event where free)"),
              MARKED,
              Signals.REQUIRE_MARKED_TRANSACTION);

  /** Marks those of many events that no subscription covers and whose topics are locked. */
  private static final String MARK_MANY =
      """
      with event as materialized (
        select e.id, e.is_processed from {events} e
        where e.id = any(current_setting('%1$s')::text[])
          and not exists (select from {event_subscriptions} s where %2$s)
      ), locked as materialized (
        select e.id from {events} e
        where e.id = any(array(select id from event where is_processed is not true))
        order by e.id for no key update of e
      ), marked as (
        update {events} e set is_processed = true from locked where e.id = locked.id
        returning e.id
      ), processed as materialized (
        select id from event where is_processed is true union all select id from marked
      ), %3$s
      select id, %4$s from processed
      """
          .formatted(
              LOCKED,
              COVERS,
              unleased("array(select id from processed)"),
              Signals.REQUIRE_MARKED_TRANSACTION);

  /**
   * Subscriptions of ended workflows do not prevent an event from being marked processed. The rows
   * of these workflows are locked in shared mode during the decision. If such a workflow is being
   * revived at this moment, the statement waits for it, and its subscription counts. If it is
   * revived later, it finds the event processed and replays it.
   */
  private static final String MARK_COVERED =
      """
      with event as materialized (
        select id, event_name, event_key, event_time, is_processed from {events} where id = :id
      ), awaited as materialized (
        select exists (
          select from event e
            join {event_subscriptions} s on %1$s
            join {workflows} w on w.id = s.workflow_id
          where w.status not in ('Complete', 'Terminated')) as yes
      ), ended as materialized (
        select distinct w.id
        from event e
          join {event_subscriptions} s on %1$s
          join {workflows} w on w.id = s.workflow_id
        where not (select yes from awaited)
      ), still_ended as materialized (
        select w.id from {workflows} w
        where w.id = any(array(select id from ended)) and w.status in ('Complete', 'Terminated')
        order by w.id for share of w
      ), decision as materialized (
        select e.id, e.is_processed, not awaited.yes
          and (select count(*) from still_ended) = (select count(*) from ended) as free
        from event e cross join awaited
      ), marked as (
        update {events} e set is_processed = true from decision d
        where e.id = d.id and d.free and e.is_processed is not true
        returning 1
      ), %8$s, given as materialized (
        select s.id, s.event_name, s.event_key, s.excluded_event_ids, s.replay_time, s.replay_id
        from event e join {event_subscriptions} s on %1$s
        where s.replay_time is not null and (select yes from awaited)
        order by s.id limit 1
      ), %2$s, %3$s, %4$s
      select free, %5$s, %6$s, %7$s from decision
      """
          .formatted(
              COVERS,
              ReplaySql.coveredBehindThePosition("given s"),
              ReplaySql.revived("true"),
              ReplaySql.advanced("true"),
              MARKED,
              ReplaySql.REQUIRE_REVIVED,
              Signals.REQUIRE_MARKED_TRANSACTION,
              unleased("array(select id from decision where free)"));

  /** Returns one row with the id if the event was created; no row if the id is taken. */
  public final NamedSql create;

  /** Returns the event's row; no row if there is no such event. */
  public final NamedSql byId;

  /**
   * Returns one row with two flags; no row if there is no such event. The first flag tells whether
   * the event is free, which means that no subscription covers it. The second flag tells whether it
   * is processed now. Free but not processed means that another transaction wrote to it since the
   * statement began, or that the database suppressed the write.
   */
  public final NamedSql markProcessed;

  /**
   * As {@link #markProcessed}, for an event that a subscription covers. Only subscriptions of
   * workflows that have not ended count. If one counts, the statement continues its replay.
   */
  public final NamedSql markCovered;

  /**
   * Marks many events processed, and returns the ids of those that are processed now. It leaves out
   * events that a subscription covers, and those whose topic's lock somebody else holds. It waits
   * for no topic, because it holds the locks of many.
   */
  public final NamedSql markMany;

  /**
   * Returns one row with the id if the event is unprocessed now; no row if there is no such event.
   */
  public final NamedSql markUnprocessed;

  /**
   * Returns the ids of the unprocessed events up to an instant, oldest first, at most the limit.
   */
  public final NamedSql runnable;

  /**
   * Returns the ids and times of the unprocessed events after a position and up to an instant,
   * oldest first, at most the limit.
   */
  public final NamedSql runnablePage;

  /** Returns the ids of a topic's events up to an instant, oldest first, at most the limit. */
  public final NamedSql until;

  /** Returns the ids of a topic's events from an instant on, oldest first, at most the limit. */
  public final NamedSql since;

  /**
   * As {@link #since}, for many topics. Returns the topic, id and time of each event, oldest first
   * within a topic.
   */
  public final NamedSql sinceMany;

  /** Returns the rows of the events with the ids, in no order. */
  public final NamedSql byIds;

  /** Creates many events. Returns the ids of those that were created; the others are taken. */
  public final NamedSql createMany;

  /** Compiles the statements for the store. */
  public EventSql(StoreNames names) {
    createMany =
        new NamedSql(
            names,
            "insert into {events} (%s) select %s from %s on conflict (id) do nothing returning id"
                .formatted(NEW.names(), NEW.columns(), NEW.rows(RowList.MANY)));
    create =
        new NamedSql(
            names,
            "insert into {events} (%s) values (%s) on conflict (id) do nothing returning id"
                .formatted(EVENT.names(), EVENT.values()));
    byId = new NamedSql(names, "select %s from {events} where id = :id".formatted(EVENT.names()));
    markProcessed = new NamedSql(names, lockTopicOfEvent(names) + MARK_PROCESSED);
    markCovered = new NamedSql(names, lockTopicOfEvent(names) + MARK_COVERED);
    markMany =
        new NamedSql(
            names,
            """
            select set_config('%s', coalesce(
                pg_catalog.array_agg(id) filter (where free), '{}')::text, true),
              %s, %s, %s
            from (select id, %s as free from {events} where id = any(:ids::text[])) topics;
            """
                    .formatted(
                        LOCKED,
                        USE_INDEXES,
                        SubscriptionSql.REQUIRE_READ_COMMITTED,
                        Signals.MARK_TRANSACTION,
                        SubscriptionSql.tryLockTopic(
                            names, SubscriptionSql.stripe("event_name", "event_key")))
                + MARK_MANY);
    markUnprocessed =
        new NamedSql(names, "update {events} set is_processed = false where id = :id returning id");
    runnable =
        ids(names, "is_processed is not true and event_time <= (select :bound::timestamptz)");
    runnablePage =
        new NamedSql(
            names,
            """
            select id, event_time from {events}
            where is_processed is not true and event_time <= (select :bound::timestamptz)
              and (event_time, id) > ((select :after::timestamptz), (select :afterId::text))
            order by event_time, id limit (select :limit::bigint)
            """);
    until =
        ids(names, "event_name = :name and event_key = :key and event_time <= :bound::timestamptz");
    sinceMany =
        new NamedSql(
            names,
            """
            select topic.name, topic.key, e.id, e.event_time
            from rows from (
                pg_catalog.unnest(:names::text[]), pg_catalog.unnest(:keys::text[]),
                pg_catalog.unnest(:bounds::text[]))
              as topic(name, key, bound)
              cross join lateral (
                select id, event_time from {events}
                where event_name = topic.name and event_key = topic.key
                  and event_time >= topic.bound::timestamptz and event_time < 'infinity'
                order by event_time, id limit (select :limit::bigint)) e
            """);
    byIds =
        new NamedSql(
            names, "select %s from {events} where id = any(:ids::text[])".formatted(EVENT.names()));
    since =
        ids(names, "event_name = :name and event_key = :key and event_time >= :bound::timestamptz");
  }

  /** Ends the leases on events, locking them in the order of their ids. */
  static String unleased(String ids) {
    return """
    leased as materialized (
      select l.event_id from {event_leases} l
      where l.event_id = any(%s) order by l.event_id for update of l
    ), unleased as (
      delete from {event_leases} l using leased o where l.event_id = o.event_id
    )\
    """
        .formatted(ids);
  }

  private static String lockTopicOfEvent(StoreNames names) {
    return "select %s, %s, %s, %s, %s from {events} where id = :id;\n"
        .formatted(
            LIMIT_WAITING,
            USE_INDEXES,
            SubscriptionSql.REQUIRE_READ_COMMITTED,
            Signals.MARK_TRANSACTION,
            SubscriptionSql.lockTopic(names, SubscriptionSql.stripe("event_name", "event_key")));
  }

  private static NamedSql ids(StoreNames names, String condition) {
    return new NamedSql(
        names,
        "select id from {events} where %s order by event_time, id limit (select :limit::bigint)"
            .formatted(condition));
  }
}
