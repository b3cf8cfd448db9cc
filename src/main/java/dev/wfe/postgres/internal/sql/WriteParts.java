package dev.wfe.postgres.internal.sql;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import java.sql.Array;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The parts of the statements that write workflows. Each part is a common table expression. The
 * statement says where its rows come from, and requires at its end that every part wrote what it
 * had to write.
 *
 * <p>PostgreSQL executes the parts in the order in which the result of the statement counts them.
 * This order prevents deadlocks. First come locks whose waiters hold nothing that this write needs:
 * topics, workflows, leases. Then rows with new keys are inserted, each kind in the order of the
 * keys. Rows that others may wait for are deleted last; after that the statement waits for nobody.
 * Thread-safe.
 */
final class WriteParts {
  static final RowList<WorkflowInstance> CREATED = new RowList<>(WorkflowSql.WORKFLOW, "n");
  static final RowList<PositionedPointer> ADDED = new RowList<>(WorkflowSql.POINTER, "a");
  static final RowList<PositionedPointer> CHANGED = new RowList<>(WorkflowSql.POINTER, "c");
  static final RowList<EventSubscription> SUBSCRIBED = SubscriptionSql.NEW;
  static final RowList<Event> PUBLISHED = EventSql.NEW;
  static final RowList<ExecutionError> ERRORS = MaintenanceSql.NEW;
  static final RowList<ScheduledCommand> COMMANDS = CommandSql.NEW;

  /** When a workflow is due, with its delay in milliseconds. */
  static final String DUE_AFTER =
      "pg_catalog.floor(extract(epoch from clock_timestamp()) * 1000::numeric)::int8 + %s::int8";

  static final String OR_UPDATE =
      """
       on conflict (id) do update set %s,
        position = case when excluded.position = 0::int8 then p.position else excluded.position end
        where p.workflow_id = excluded.workflow_id\
      """
          .formatted(
              WorkflowSql.POINTER
                  .without("id", "workflow_id", "position")
                  .assignmentsFromExcluded());

  /**
   * A pointer id that another workflow took meanwhile is skipped, and then missing in the count of
   * written rows. {@code do update} would lock that pointer, which can deadlock: its owner, when it
   * removes the pointer, would wait for this transaction, while this transaction waits for a
   * pointer that the owner has just added.
   */
  static final String OR_NOTHING = " on conflict (id) do nothing";

  /** Requires that all subscriptions were deleted that {@link #ended} locked. */
  static final String REQUIRE_ENDED =
      Signals.failUnless(
          "(select count(*) from ended) = (select count(*) from ending)", Signals.INCOMPLETE);

  private static final String HAS_ENDED = "in ('Complete', 'Terminated')";

  private WriteParts() {}

  /** Creates workflows. */
  static String created(String from) {
    return """
    , created as (
      insert into {workflows} as w (%s, last_heartbeat_at)
      select %s, clock_timestamp() from %s
      on conflict do nothing
      returning w.id, %s as revision, w.create_time)
    """
        .formatted(CREATED.names(), CREATED.columns(), from, WorkflowSql.revision("w"));
  }

  /** Finds the workflows that have the {@link #ADDED} pointers which may be stored already. */
  static String sent(String added) {
    return """
    , sent as materialized (
      select a.*, (
          select pg_catalog.jsonb_object_agg(p.id, p.workflow_id) from {execution_pointers} p
          where p.id = any(:added::text[])) ->> a.id as stored_in
      from %s)
    """
        .formatted(added);
  }

  /**
   * The position of an added pointer. A negative one counts from the last stored pointer of the
   * workflow.
   */
  static String position(String last) {
    return "case when a.position::int8 < 0::int8 then %s - a.position::int8 else a.position::int8 end"
        .formatted(last);
  }

  /**
   * Writes pointers.
   *
   * @param part the name of the part
   * @param columns the values of their columns
   * @param from where they come from
   * @param onConflict what happens to pointers that are stored already
   */
  static String pointers(String part, String columns, String from, String onConflict) {
    return """
    , %s as (
      insert into {execution_pointers} as p (%s)
      select %s from %s%s
      returning 1)
    """
        .formatted(part, WorkflowSql.POINTER.names(), columns, from, onConflict);
  }

  /**
   * New subscriptions, as {@link #replayed} needs them.
   *
   * @param element further columns
   */
  static String newSubscriptions(String element, String from) {
    return "select %s, true as is_new%s from %s".formatted(SUBSCRIBED.columns(), element, from);
  }

  /**
   * The existing subscriptions of ended workflows, as {@link #replayed} needs them. While a
   * workflow was ended, its subscriptions did not prevent events from being marked processed.
   *
   * @param element further columns
   * @param ends whether the statement ends subscriptions, which are left out
   * @param also a further condition
   */
  static String existingSubscriptions(String element, boolean ends, String also) {
    return """
    select %s, false as is_new%s
    from {event_subscriptions} s join guard on s.workflow_id = guard.id
    where (select w.status from {workflows} w where w.id = guard.id) %s%s%s
    """
        .formatted(
            SubscriptionSql.SUBSCRIPTION.names("s"),
            element,
            HAS_ENDED,
            ends ? " and s.id <> all(:ended::text[])" : "",
            also);
  }

  /**
   * Stores new subscriptions, and replays the events of the given ones.
   *
   * @param given {@link #newSubscriptions}, {@link #existingSubscriptions}, or both
   * @param covered finds the events that they cover
   * @param subscribes whether new ones are given
   * @param revives whether existing ones are given
   * @param source the part {@code given}, if anything is written at all
   */
  static String replayed(
      List<String> given, String covered, boolean subscribes, boolean revives, String source) {
    return """
    , given as materialized (%s), %s%s, %s%s
    """
        .formatted(
            String.join(" union all ", given),
            covered,
            subscribes
                ? ", subscribed as (%s returning 1)".formatted(SubscriptionSql.insert(source))
                : "",
            ReplaySql.revived(subscribes ? "(select count(*) from subscribed) > 0" : "true"),
            revives ? ", " + ReplaySql.advanced("not g.is_new") : "");
  }

  /** Publishes events. */
  static String published(String from) {
    return ", published as (insert into {events} (%s) select %s from %s%s returning 1)\n"
        .formatted(PUBLISHED.names(), PUBLISHED.columns(), from, OR_NOTHING);
  }

  /** Schedules commands, in the parts {@code moved} and {@code scheduled}. */
  static String scheduled(String from) {
    return ", " + CommandSql.scheduled(from);
  }

  /** Stores errors. */
  static String failed(String from) {
    return ", failed as (insert into {execution_errors} (%s) select %s from %s returning id)\n"
        .formatted(ERRORS.names(), ERRORS.columns(), from);
  }

  /** Ends subscriptions, given a query of their ids. */
  static String ended(String ids) {
    return """
    , ending as materialized (
      select s.id from {event_subscriptions} s
      where s.id = any(array(%s)) order by s.id for update
    ), ended as (
      delete from {event_subscriptions} s where s.id = any(array(select id from ending))
      returning 1)
    """
        .formatted(ids);
  }

  /** Requires that these parts together wrote this number of rows. */
  static String requireWritten(List<String> parts, String number) {
    String written =
        parts.stream()
            .map("(select count(*) from %s)"::formatted)
            .collect(Collectors.joining(" + "));
    return Signals.failUnless(written + " = " + number, Signals.INCOMPLETE);
  }

  static List<Long> longs(Array array) throws SQLException {
    return List.of((Long[]) array.getArray());
  }

  static List<String> strings(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }
}
