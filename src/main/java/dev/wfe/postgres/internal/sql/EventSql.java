package dev.wfe.postgres.internal.sql;

/** The statements on events; see {@link SubscriptionSql} for the locks. Thread-safe. */
public final class EventSql {
  /** What is written of an event. */
  public static final Columns EVENT =
      Columns.none()
          .text("id", "event_name", "event_key")
          .jsonb("event_data")
          .stamped("event_time")
          .bool("is_processed");

  /** Gives 0 or 1: the rows written; 0 when the id is taken. */
  public final NamedSql create;

  /** The event's row; none when there is no such event. */
  public final NamedSql byId;

  /**
   * One row that tells whether the event is processed now; none when there is no such event. It is
   * not when an open subscription covers it.
   */
  public final NamedSql markProcessed;

  /** Gives 0 or 1: the rows that are unprocessed now; 0 when there is no such event. */
  public final NamedSql markUnprocessed;

  /** The ids of the unprocessed events until an instant, oldest first, no more than the limit. */
  public final NamedSql runnable;

  /** The ids of a topic's events until an instant, oldest first, no more than the limit. */
  public final NamedSql until;

  /** The ids of a topic's events from an instant on, oldest first, no more than the limit. */
  public final NamedSql since;

  /** Compiles the statements for the store. */
  public EventSql(StoreNames names) {
    create =
        new NamedSql(
            names,
            "insert into {events} (%s) values (%s) on conflict (id) do nothing"
                .formatted(EVENT.names(), EVENT.values()));
    byId = new NamedSql(names, "select %s from {events} where id = :id".formatted(EVENT.names()));
    markProcessed =
        new NamedSql(
            names,
            """
            select %s, pg_advisory_xact_lock(%s) from {events} where id = :id;
            with event as (
              select e.id, not exists (
                select from {event_subscriptions} s
                where s.event_name = e.event_name and s.event_key = e.event_key
                  and s.subscribe_as_of <= e.event_time) as free
              from {events} e where e.id = :id
            ), marked as (
              update {events} e set is_processed = true from event
              where e.id = event.id and event.free and e.is_processed is not true
            )
            select free from event
            """
                .formatted(
                    SubscriptionSql.REQUIRE_READ_COMMITTED,
                    SubscriptionSql.topicLock(names, "event_name", "event_key")));
    markUnprocessed =
        new NamedSql(names, "update {events} set is_processed = false where id = :id");
    runnable =
        ids(names, "is_processed is not true and event_time <= (select :bound::timestamptz)");
    until =
        ids(names, "event_name = :name and event_key = :key and event_time <= :bound::timestamptz");
    since =
        ids(names, "event_name = :name and event_key = :key and event_time >= :bound::timestamptz");
  }

  private static NamedSql ids(StoreNames names, String condition) {
    return new NamedSql(
        names,
        "select id from {events} where %s order by event_time, id limit (select :limit::bigint)"
            .formatted(condition));
  }
}
