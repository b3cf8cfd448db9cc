package dev.wfe.postgres.internal.sql;

import dev.wfe.model.EventSubscription;
import dev.wfe.postgres.internal.mapping.StoreFields;

/**
 * The statements on subscriptions.
 *
 * <p>No event is lost between publishing and subscribing because of a lock on the topic, an event's
 * name and key, for the rest of the transaction:
 *
 * <ol>
 *   <li>Subscribing takes the topic's lock in shared mode, stores the subscription, and makes
 *       processed events that it covers unprocessed again; see {@link ReplaySql}.
 *   <li>Marking an event processed takes the topic's lock in exclusive mode, and changes nothing if
 *       a subscription of a workflow that has not ended covers the event.
 *   <li>The lock is taken by a statement of its own, before the work: only a statement that begins
 *       after the lock is held sees what the other side committed. Both travel in one round trip
 *       and one transaction; the second one fails if it does not run in the first one's.
 *   <li>That holds under READ COMMITTED alone, so the statement that locks fails under another
 *       isolation, wherever that came from.
 *   <li>Topics share a fixed number of locks, so that no number of topics exhausts the server's
 *       lock table.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class SubscriptionSql {
  static final Columns<EventSubscription> SUBSCRIPTION = Columns.of(StoreFields.SUBSCRIPTION);

  /** Another text once the row was written. */
  private static final String VERSION = "xmin::text || ' ' || ctid::text";

  /** New subscriptions. */
  public static final RowList<EventSubscription> NEW = new RowList<>(SUBSCRIPTION, "s");

  /** The topics of {@link #NEW}, from the same parameters. */
  private static final RowList<EventSubscription> NEW_TOPICS =
      new RowList<>(SUBSCRIPTION.only("event_name", "event_key"), "s");

  /**
   * Fails with {@link FailureKind#OTHER_ISOLATION} unless the transaction is READ COMMITTED: in a
   * query it is too late to change the isolation, but not to set it to what it is.
   */
  static final String REQUIRE_READ_COMMITTED =
      "set_config('transaction_isolation', 'read committed', true)";

  /** Of how many locks each topic has one. */
  private static final int TOPIC_LOCKS = 512;

  /** One row, with the id, when created; none when the id is taken. */
  public final NamedSql create;

  /** The subscription's row; none when there is no such subscription. */
  public final NamedSql byId;

  /** The rows that cover an instant and that nobody holds, oldest first; all for a null limit. */
  public final NamedSql open;

  /** One row, with the id, when removed; none when there is no such subscription. */
  public final NamedSql terminate;

  /**
   * One row that tells whether the hold was taken, whether the subscription was held when the
   * statement began, and its version then; none when there was no such subscription then. Neither
   * taken nor held: somebody took or ended it since. The expiry is either given or counted from the
   * database's clock.
   */
  public final NamedSql setToken;

  /**
   * One row that tells whether the token's expiry was set, whether another or none was there when
   * the statement began, and the subscription's version then; none when there was no such
   * subscription then. Neither of the first two: somebody cleared or ended it since.
   */
  public final NamedSql renewToken;

  /** As {@link #renewToken}, for the removal of the subscription that is held under the token. */
  public final NamedSql terminateHeld;

  /** As {@link #renewToken}, for the token that is cleared. */
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
              and (external_token is null or external_token_expiry <= clock_timestamp())
            order by subscribe_as_of, id limit :limit
            """
                .formatted(SUBSCRIPTION.names()));
    terminate =
        new NamedSql(names, "delete from {event_subscriptions} where id = :id returning id");
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
              where id = :id and (
                external_token is null or external_token_expiry <= clock_timestamp())
              returning id)
            select exists (select from taken),
              external_token is not null
                and (external_token_expiry <= clock_timestamp()) is not true,
              %s
            from {event_subscriptions} where id = :id
            """
                .formatted(VERSION));
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

  /** The change of a subscription, made only if it is held under the token. */
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

  /** Takes the lock of a topic, in the mode that the suffix of the function's name says. */
  static String lockTopic(StoreNames names, String mode, String stripe) {
    return "pg_advisory_xact_lock%s(hashtext('%s'), %s)"
        .formatted(mode, names.table("events"), stripe);
  }

  /** Which of the locks is the topic's. */
  static String stripe(String eventName, String eventKey) {
    return "(hashtextextended(%s || chr(31) || %s, 0::int8) & %s::int8)::int4"
        .formatted(eventName, eventKey, Integer.toString(TOPIC_LOCKS - 1));
  }

  /** Locks the topics of so many new subscriptions, in one order. */
  static String lockNewTopics(StoreNames names, int count) {
    return """
    select %s, %s, %s
    from (select distinct %s as stripe from %s order by 1) topics;
    """
        .formatted(
            REQUIRE_READ_COMMITTED,
            Signals.MARK_TRANSACTION,
            lockTopic(names, "_shared", "stripe"),
            stripe("event_name", "event_key"),
            NEW_TOPICS.rows(count));
  }

  /** Inserts the new ones of the given subscriptions, with where their replays go on. */
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
