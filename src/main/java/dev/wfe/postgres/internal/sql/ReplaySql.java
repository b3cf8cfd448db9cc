package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.PersistedWorkflow;

/**
 * The parts of statements that make processed events which subscriptions cover unprocessed again:
 * their replay. The work of one statement is bounded however many such events there are:
 *
 * <ol>
 *   <li>A statement that subscribes replays the oldest covered events, up to {@value
 *       PersistedWorkflow#MAX_EVENT_IDS} for each of its subscriptions. If there may be more, the
 *       subscription keeps the position of the last one, {@code (replay_time, replay_id)}.
 *   <li>While the subscription is there, the replayed events cannot be marked processed. Each
 *       attempt to do so replays the next events behind the position, until there are none.
 * </ol>
 *
 * <p>The parts read {@code given}: {@code id}, {@code event_name}, {@code event_key} and {@code
 * subscribe_as_of} of subscriptions, or the position of one as {@code replay_time} and {@code
 * replay_id}.
 */
final class ReplaySql {
  /** How many events one statement replays at most, or as many as it has subscriptions. */
  private static final int MAX_EVENTS = 10 * PersistedWorkflow.MAX_EVENT_IDS;

  private static final String FROM_THE_BEGINNING = "(s.subscribe_as_of, ''::text)";
  private static final String FROM_THE_POSITION = "(s.replay_time, s.replay_id)";

  /** Two columns: the ids of the replayed events, oldest first, and whether there are more. */
  static final String REPLAYED =
      """
      array(select r.id from revived r order by r.event_time, r.id limit %1$s) as revived_ids,
      ((select count(*) from revived) > %1$s::int8 or exists (select from pending)) as more_revived
      """
          .formatted(Integer.toString(PersistedWorkflow.MAX_EVENT_IDS));

  /** Fails with {@link Signals#INCOMPLETE} unless all locked events were made unprocessed. */
  static final String REQUIRE_REVIVED =
      Signals.oneIf(
          "(select count(*) from revived) = (select count(*) from locked)", Signals.INCOMPLETE);

  private ReplaySql() {}

  /**
   * The parts {@code covered}, the events to replay, and {@code pending}, the positions of the
   * subscriptions that may cover more.
   *
   * @param given the subscriptions, as {@code s}, in a {@code from} list
   */
  static String covered(String given) {
    return covered(given, FROM_THE_BEGINNING);
  }

  /** As {@link #covered}, of a subscription whose replay goes on. */
  static String coveredBehindThePosition(String given) {
    return covered(given, FROM_THE_POSITION);
  }

  private static String covered(String given, String from) {
    return """
    portion as materialized (
      select greatest(1::int8, least(%s::int8, %s::int8 / greatest(1::int8, count(*)))) as size
      from given
    ), covered as materialized (
      select s.id as subscription_id, e.id, e.event_time,
        count(*) over (partition by s.id) as found
      from %s cross join lateral (
        select c.id, c.event_time from {events} c
        where c.is_processed and c.event_name = s.event_name and c.event_key = s.event_key
          and (c.event_time, c.id) > %s
        order by c.event_time, c.id limit (select size from portion)) e
    ), pending as materialized (
      select distinct on (subscription_id)
        subscription_id, event_time as replay_time, id as replay_id
      from covered where found = (select size from portion)
      order by subscription_id, event_time desc, id desc
    )
    """
        .formatted(
            Integer.toString(PersistedWorkflow.MAX_EVENT_IDS),
            Integer.toString(MAX_EVENTS),
            given,
            from);
  }

  /**
   * The part {@code revived}, which makes the covered events unprocessed. They are locked in the
   * order of their ids, so that two subscribers never wait for each other.
   *
   * @param condition when to do so; where it counts rows of a part, that part runs before
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

  /** The part {@code advanced}, which keeps the positions of the stored ones of those given. */
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
