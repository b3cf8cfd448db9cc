package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.PersistedWorkflow;

/**
 * The statements on subscriptions.
 *
 * <p>No event is lost between publishing and subscribing because of a lock on the topic, an event's
 * name and key, for the rest of the transaction:
 *
 * <ol>
 *   <li>Whoever subscribes holds the topic's lock shared, stores the subscription, and makes every
 *       processed event that it covers unprocessed again.
 *   <li>Whoever marks an event processed holds the topic's lock alone, and does so only if no
 *       subscription covers the event.
 *   <li>The lock is taken by a statement of its own, before the work: only a statement that begins
 *       after the lock is held sees what the other side committed. Both travel in one round trip.
 *   <li>That holds under READ COMMITTED alone, so the statement that locks fails under another
 *       isolation, wherever that came from.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class SubscriptionSql {
  /** What is written of a subscription. */
  public static final Columns SUBSCRIPTION =
      Columns.none()
          .text("id", "workflow_id")
          .integer("step_id")
          .text("execution_pointer_id", "event_name", "event_key")
          .timestamptz("subscribe_as_of")
          .jsonb("subscription_data")
          .text("external_token", "external_worker_id")
          .timestamptz("external_token_expiry");

  /** The row alias under which new subscriptions are bound. */
  public static final String NEW = "s";

  /**
   * Fails with {@link FailureKind#OTHER_ISOLATION} unless the transaction is READ COMMITTED: in a
   * query it is too late to change the isolation, but not to set it to what it is.
   */
  static final String REQUIRE_READ_COMMITTED =
      "set_config('transaction_isolation', 'read committed', true)";

  static final String REVIVED_IDS =
      "array(select r.id from revived r order by r.event_time, r.id limit %d) as revived_ids, "
              .formatted(PersistedWorkflow.MAX_EVENT_IDS)
          + "(select count(*) from revived) as revived_count";

  /** One row, with the id, when created; none when the id is taken. */
  public final NamedSql create;

  /** The subscription's row; none when there is no such subscription. */
  public final NamedSql byId;

  /** The rows that cover an instant and that nobody holds, oldest first; all for a null limit. */
  public final NamedSql open;

  /** Gives 0 or 1: the rows removed. */
  public final NamedSql terminate;

  /**
   * One row that tells whether the hold was taken, and whether the subscription was held when the
   * statement began; none when there was no such subscription then. Neither: somebody took or ended
   * it since. The expiry is either given or counted from the database's clock.
   */
  public final NamedSql setToken;

  /**
   * One row that tells whether the token was cleared, and whether another or none was there when
   * the statement began; none when there was no such subscription then. Neither: somebody cleared
   * or ended it since.
   */
  public final NamedSql clearToken;

  /** Compiles the statements for the store. */
  public SubscriptionSql(StoreNames names) {
    create =
        new NamedSql(
            names,
            lockNewTopics(names, 1)
                + """
                with guard as (
                  insert into {event_subscriptions} (%s)
                  select %s from %s
                  on conflict (id) do nothing
                  returning id
                ), %s
                select id, (select count(*) from revived) from guard
                """
                    .formatted(
                        SUBSCRIPTION.names(),
                        SUBSCRIPTION.ofRows(NEW),
                        SUBSCRIPTION.rows(NEW, 1),
                        revived("guard", 1)));
    byId =
        new NamedSql(
            names,
            "select %s from {event_subscriptions} where id = :id".formatted(SUBSCRIPTION.names()));
    open =
        new NamedSql(
            names,
            """
            select %s from {event_subscriptions}
            where event_name = :name and event_key = :key
              and subscribe_as_of <= :asOf::timestamptz
              and (external_token is null or external_token_expiry <= clock_timestamp())
            order by subscribe_as_of, id limit :limit
            """
                .formatted(SUBSCRIPTION.names()));
    terminate = new NamedSql(names, "delete from {event_subscriptions} where id = :id");
    setToken =
        new NamedSql(
            names,
            """
            with taken as (
              update {event_subscriptions} set
                external_token = :token,
                external_worker_id = :worker,
                external_token_expiry = coalesce(
                  :expiry::timestamptz,
                  clock_timestamp() + :micros::bigint * interval '1 microsecond')
              where id = :id and (
                external_token is null or external_token_expiry <= clock_timestamp())
              returning id)
            select exists (select from taken),
              external_token is not null
                and (external_token_expiry <= clock_timestamp()) is not true
            from {event_subscriptions} where id = :id
            """);
    clearToken =
        new NamedSql(
            names,
            """
            with cleared as (
              update {event_subscriptions} set
                external_token = null, external_worker_id = null, external_token_expiry = null
              where id = :id and external_token = :token
              returning id)
            select exists (select from cleared), external_token is distinct from :token
            from {event_subscriptions} where id = :id
            """);
  }

  /** The lock of a topic; two topics of one hash wait for each other without need, no more. */
  static String topicLock(StoreNames names, String eventName, String eventKey) {
    return "hashtextextended('%s' || chr(31) || %s || chr(31) || %s, 0)"
        .formatted(names.table("events"), eventName, eventKey);
  }

  /** Locks the topics of so many new subscriptions, in one order. */
  static String lockNewTopics(StoreNames names, int count) {
    return """
        select %s, pg_advisory_xact_lock_shared(topic)
        from (select distinct %s as topic from %s order by 1) topics;
        """
        .formatted(
            REQUIRE_READ_COMMITTED,
            topicLock(names, "event_name", "event_key"),
            SUBSCRIPTION.only("event_name", "event_key").rows(NEW, count));
  }

  /**
   * Makes the processed events that so many new subscriptions cover unprocessed. Locked in the
   * order of their ids, and after the subscriptions are all inserted, so that two subscribers never
   * wait for each other.
   *
   * @param inserted the part of the statement that inserts them; counting its rows runs all of it
   */
  static String revived(String inserted, int count) {
    return """
        covered as (
          select e.id from {events} e
          where e.is_processed and e.id in (
            select c.id from %s join {events} c
              on c.event_name = s.event_name and c.event_key = s.event_key
              and c.event_time >= s.subscribe_as_of::timestamptz
            where (select count(*) from %s) > 0)
          order by e.id for no key update of e
        ), revived as (
          update {events} e set is_processed = false from covered where e.id = covered.id
          returning e.id, e.event_time
        )
        """
        .formatted(SUBSCRIPTION.rows(NEW, count), inserted);
  }
}
