package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.PersistedWorkflow;

/**
 * SQL fragments for the replay of events: processed events that a subscription covers become
 * unprocessed again. The work of one statement is limited, however many such events there are:
 *
 * <ol>
 *   <li>A statement that subscribes replays the oldest covered events, up to {@value
 *       PersistedWorkflow#MAX_EVENT_IDS} for each of its subscriptions. If there may be more, the
 *       subscription stores the position of the last one, {@code (replay_time, replay_id)}.
 *   <li>While the subscription exists, the replayed events cannot be marked processed. Each attempt
 *       to do so replays the next events after the position, until none are left.
 * </ol>
 *
 * <p>The fragments read a common table expression {@code given} with the columns {@code id}, {@code
 * event_name}, {@code event_key}, {@code excluded_event_ids}, and either {@code subscribe_as_of}
 * or, for a replay that continues, the position {@code replay_time} and {@code replay_id}.
 * Thread-safe.
 */
final class ReplaySql {
  /**
   * The maximum number of events that one statement replays. It is exceeded only if there are more
   * subscriptions than this, because each replays at least one event.
   */
  private static final int MAX_EVENTS = 10 * PersistedWorkflow.MAX_EVENT_IDS;

  private static final String FROM_THE_BEGINNING = "(s.subscribe_as_of, ''::text)";
  private static final String FROM_THE_POSITION = "(s.replay_time, s.replay_id)";

  /**
   * Two result columns: the ids of the replayed events, oldest first, and whether there are more.
   */
  static final String REPLAYED =
      """
      array(select r.id from revived r order by r.event_time, r.id limit %1$s) as revived_ids,
      ((select count(*) from revived) > %1$s::int8 or exists (select from pending)) as more_revived
      """
          .formatted(Integer.toString(PersistedWorkflow.MAX_EVENT_IDS));

  /**
   * A result column that fails with {@link Signals#INCOMPLETE} unless all locked events were made
   * unprocessed.
   */
  static final String REQUIRE_REVIVED =
      Signals.failUnless(
          "(select count(*) from revived) = (select count(*) from locked)", Signals.INCOMPLETE);

  private ReplaySql() {}

  /** Whether a subscription does not exclude an event, given the aliases of their tables. */
  static String notExcluded(String subscription, String event) {
    return "(%s.excluded_event_ids @> pg_catalog.to_jsonb(%s.id)) is not true"
        .formatted(subscription, event);
  }

  /**
   * The expressions {@code covered}, which selects the events to replay, and {@code pending}, which
   * selects the new positions of the subscriptions that may cover more.
   *
   * @param given a {@code from} list that provides the subscriptions as {@code s}
   */
  static String covered(String given) {
    return covered("", given, FROM_THE_BEGINNING);
  }

  /** As {@link #covered(String)}, for a batch: both expressions have a column {@code element}. */
  static String coveredInBatch(String given) {
    return covered(" element,", given, FROM_THE_BEGINNING);
  }

  /** As {@link #covered(String)}, for subscriptions whose replay continues at their position. */
  static String coveredBehindThePosition(String given) {
    return covered("", given, FROM_THE_POSITION);
  }

  private static String covered(String element, String given, String from) {
    return """
    portion as materialized (
      select greatest(1::int8, least(%1$s::int8, %2$s::int8 / greatest(1::int8, count(*)))) as size
      from given
    ), covered as materialized (
      select%5$s s.id as subscription_id, e.id, e.event_time,
        count(*) over (partition by s.id) as found
      from %3$s cross join lateral (
        select c.id, c.event_time from {events} c
        where c.is_processed and c.event_name = s.event_name and c.event_key = s.event_key
          and (c.event_time, c.id) > %4$s and %6$s
        order by c.event_time, c.id limit (select size from portion)) e
    ), pending as materialized (
      select distinct on (subscription_id)%5$s
        subscription_id, event_time as replay_time, id as replay_id
      from covered where found = (select size from portion)
      order by subscription_id, event_time desc, id desc
    )
    """
        .formatted(
            Integer.toString(PersistedWorkflow.MAX_EVENT_IDS),
            Integer.toString(MAX_EVENTS),
            given,
            from,
            element,
            notExcluded("s", "c"));
  }

  /**
   * The expression {@code revived}, which makes the covered events unprocessed. It locks them in
   * the order of their ids, so that two subscribers never wait for each other.
   *
   * @param condition when to do so; if it counts the rows of another expression, that one runs
   *     first
   */
  static String revived(String condition) {
    return """
    locked as materialized (
      select e.id from {events} e
      where e.id = any(array(select id from covered)) and e.is_processed and %s
      order by e.id for no key update of e
    ), revived as (
      update {events} e set is_processed = false from locked where e.id = locked.id
      returning e.id, e.event_time
    )
    """
        .formatted(condition);
  }

  /** The expression {@code advanced}, which stores the new positions of existing subscriptions. */
  static String advanced(String condition) {
    return """
    advanced as (
      update {event_subscriptions} s
      set replay_time = p.replay_time, replay_id = p.replay_id
      from given g left join pending p on p.subscription_id = g.id
      where s.id = g.id and %s
    )
    """
        .formatted(condition);
  }
}
