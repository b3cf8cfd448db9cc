package dev.wfe.postgres.internal.sql;

import dev.wfe.model.EventSubscription;
import dev.wfe.postgres.internal.mapping.StoreFields;

/**
 * The statements on subscriptions.
 *
 * <p>A lock on the topic (an event's name and key), held until the end of the transaction, ensures
 * that no event is lost between publishing and subscribing:
 *
 * <ol>
 *   <li>Subscribing takes the topic lock in shared mode, stores the subscription, and makes
 *       processed events that it covers unprocessed again; see {@link ReplaySql}.
 *   <li>Marking an event processed takes the topic lock in exclusive mode. It changes nothing if a
 *       subscription of a workflow that has not ended covers the event.
 *   <li>A separate statement takes the lock before the main statement, because only a statement
 *       that begins while the lock is held sees what the other side has committed. Both are sent in
 *       one round trip and run in one transaction; the main statement fails if it runs in another
 *       transaction.
 *   <li>This works only at READ COMMITTED, so the locking statement fails at any other isolation
 *       level.
 *   <li>All topics share a fixed number of locks, so that many topics cannot exhaust the server's
 *       lock table.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class SubscriptionSql {
  static final Columns<EventSubscription> SUBSCRIPTION = Columns.of(StoreFields.SUBSCRIPTION);

  /** Identifies the version of the row: every write changes it. */
  private static final String VERSION = "xmin::text || ' ' || ctid::text";

  /** Whether no worker holds the subscription. */
  private static final String IS_OPEN =
      "(external_token is null or external_token_expiry <= clock_timestamp())";

  /** The rows of new subscriptions. */
  public static final RowList<EventSubscription> NEW = new RowList<>(SUBSCRIPTION, "s");

  /** The topics of {@link #NEW}, bound to the same parameters. */
  private static final RowList<EventSubscription> NEW_TOPICS =
      new RowList<>(SUBSCRIPTION.only("event_name", "event_key"), "s");

  /**
   * Fails with {@link FailureKind#WRONG_ISOLATION} unless the transaction is READ COMMITTED: inside
   * a transaction, PostgreSQL rejects a change of the isolation level but accepts setting the
   * current one again.
   */
  static final String REQUIRE_READ_COMMITTED =
      "set_config('transaction_isolation', 'read committed', true)";

  /** The number of locks that all topics share; a power of two. */
  private static final int TOPIC_LOCKS = 512;

  /** Returns one row with the id if the subscription was created; no row if the id is taken. */
  public final NamedSql create;

  /** Returns the subscription's row; no row if there is no such subscription. */
  public final NamedSql byId;

  /**
   * Returns the rows of a topic that cover an instant and that no worker holds, oldest first; all
   * of them if the limit is null.
   */
  public final NamedSql open;

  /**
   * Returns the rows of many topics that no worker holds, oldest first within a topic, at most the
   * limit of each topic.
   */
  public final NamedSql openOfTopics;

  /**
   * Takes the hold on the oldest open subscription of a topic. Returns its row with the token; no
   * row if none is open. Subscriptions that another transaction has locked are skipped.
   */
  public final NamedSql takeOffer;

  /**
   * Returns one row with the id if the subscription was deleted; no row if there is no such
   * subscription.
   */
  public final NamedSql terminate;

  /**
   * Deletes many subscriptions, and returns their ids. It locks them in the order of their ids. It
   * fails with {@link Signals#INCOMPLETE} if the database suppressed a delete.
   */
  public final NamedSql terminateMany;

  /**
   * Takes the hold on a subscription until a given expiry, or for a duration by the database's
   * clock. Returns one row: whether the hold was taken, whether the subscription was held when the
   * statement began, and its version at that time. No row if there was no such subscription.
   * Neither taken nor held means that another transaction took or deleted it meanwhile, or that its
   * token expired between two reads of the clock.
   */
  public final NamedSql setToken;

  /**
   * Extends the hold under a token. Returns one row: whether the expiry was set, whether the
   * subscription had another token or none when the statement began, and its version at that time.
   * No row if there was no such subscription. If both flags are false, another transaction cleared
   * the token or deleted the subscription meanwhile.
   */
  public final NamedSql renewToken;

  /** As {@link #renewToken}, but deletes the subscription that is held under the token. */
  public final NamedSql terminateHeld;

  /** As {@link #renewToken}, but clears the token. */
  public final NamedSql clearToken;

  /** Compiles the statements for the store. */
  public SubscriptionSql(StoreNames names) {
    create =
        new NamedSql(
            names,
            lockNewTopics(names, 1)
                + """
                with given as materialized (
                  select %s, true as is_new from %s
                ), %s, inserted as (
                  %s
                  on conflict (id) do nothing
                  returning 1
                ), %s
                select %s, %s from inserted
                """
                    .formatted(
                        NEW.columns(),
                        NEW.rows(1),
                        ReplaySql.covered("given s"),
                        insert("given s"),
                        ReplaySql.revived("(select count(*) from inserted) > 0"),
                        ReplaySql.REQUIRE_REVIVED,
                        Signals.REQUIRE_MARKED_TRANSACTION));
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
              and %s
            order by subscribe_as_of, id limit :limit
            """
                .formatted(SUBSCRIPTION.names(), IS_OPEN));
    openOfTopics =
        new NamedSql(
            names,
            """
            select %s
            from rows from (
                pg_catalog.unnest(:names::text[]), pg_catalog.unnest(:keys::text[]))
              as topic(name, key)
              cross join lateral (
                select * from {event_subscriptions}
                where event_name = topic.name and event_key = topic.key and %s
                order by subscribe_as_of, id limit (select :limit::bigint)) s
            """
                .formatted(SUBSCRIPTION.names("s"), IS_OPEN));
    takeOffer =
        new NamedSql(
            names,
            """
            with offer as materialized (
              select id from {event_subscriptions}
              where event_name = :name and event_key = :key
                and subscribe_as_of <= (select clock_timestamp())
                and %s
              order by subscribe_as_of, id limit 1
              for no key update skip locked)
            update {event_subscriptions} s set
              external_token = :token,
              external_worker_id = :worker,
              external_token_expiry =
                clock_timestamp() + :micros::float8 * interval '1 microsecond'
            from offer where s.id = offer.id
            returning %s
            """
                .formatted(IS_OPEN, SUBSCRIPTION.names("s")));
    terminate =
        new NamedSql(names, "delete from {event_subscriptions} where id = :id returning id");
    terminateMany =
        new NamedSql(
            names,
            """
            with ending as materialized (
              select id from {event_subscriptions} where id = any(:ids::text[])
              order by id for update
            ), ended as (
              delete from {event_subscriptions} where id = any(array(select id from ending))
              returning id
            )
            select array(select id from ended), %s
            """
                .formatted(
                    Signals.failUnless(
                        "(select count(*) from ended) = (select count(*) from ending)",
                        Signals.INCOMPLETE)));
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
                  clock_timestamp() + :micros::float8 * interval '1 microsecond')
              where id = :id and %s
              returning id)
            select exists (select from taken),
              external_token is not null
                and (external_token_expiry <= clock_timestamp()) is not true,
              %s
            from {event_subscriptions} where id = :id
            """
                .formatted(IS_OPEN, VERSION));
    renewToken =
        ofHolder(
            names,
            """
            update {event_subscriptions} set
              external_token_expiry =
                clock_timestamp() + :micros::float8 * interval '1 microsecond'
            """);
    terminateHeld = ofHolder(names, "delete from {event_subscriptions}");
    clearToken =
        ofHolder(
            names,
            """
            update {event_subscriptions} set
              external_token = null, external_worker_id = null, external_token_expiry = null
            """);
  }

  /** Returns a statement that changes a subscription only if it is held under the token. */
  private static NamedSql ofHolder(StoreNames names, String change) {
    return new NamedSql(
        names,
        """
        with changed as (
          %s
          where id = :id and external_token = :token
          returning id)
        select exists (select from changed), external_token is distinct from :token, %s
        from {event_subscriptions} where id = :id
        """
            .formatted(change, VERSION));
  }

  /** Takes the lock of a topic in exclusive mode. */
  static String lockTopic(StoreNames names, String stripe) {
    return "pg_advisory_xact_lock(%s)".formatted(topicLock(names, stripe));
  }

  /** Takes the lock of a topic in exclusive mode if nobody else holds it; tells whether it did. */
  static String tryLockTopic(StoreNames names, String stripe) {
    return "pg_try_advisory_xact_lock(%s)".formatted(topicLock(names, stripe));
  }

  private static String lockTopicShared(StoreNames names, String stripe) {
    return "pg_advisory_xact_lock_shared(%s)".formatted(topicLock(names, stripe));
  }

  private static String topicLock(StoreNames names, String stripe) {
    return "hashtext('%s'), %s".formatted(names.table("events"), stripe);
  }

  /** Returns the number of the topic's lock. */
  static String stripe(String eventName, String eventKey) {
    return "(hashtextextended(%s || chr(31) || %s, 0::int8) & %s::int8)::int4"
        .formatted(eventName, eventKey, Integer.toString(TOPIC_LOCKS - 1));
  }

  /**
   * Locks the topics of new subscriptions in shared mode, in ascending order so that transactions
   * do not deadlock.
   */
  static String lockNewTopics(StoreNames names, int count) {
    return """
    select %s, %s, %s
    from (select distinct %s as stripe from %s order by 1) topics;
    """
        .formatted(
            REQUIRE_READ_COMMITTED,
            Signals.MARK_TRANSACTION,
            lockTopicShared(names, "stripe"),
            stripe("event_name", "event_key"),
            NEW_TOPICS.rows(count));
  }

  /**
   * Inserts the new ones of the given subscriptions, with the positions at which their replays
   * continue.
   */
  static String insert(String given) {
    return """
    insert into {event_subscriptions} (%s, replay_time, replay_id)
    select %s, p.replay_time, p.replay_id
    from %s left join pending p on p.subscription_id = s.id
    where s.is_new
    """
        .formatted(SUBSCRIPTION.names(), SUBSCRIPTION.names("s"), given);
  }
}
