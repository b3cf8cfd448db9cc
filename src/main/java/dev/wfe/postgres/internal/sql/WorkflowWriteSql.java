package dev.wfe.postgres.internal.sql;

import java.util.ArrayList;
import java.util.List;

/** The statements that write workflows with their pointers. Thread-safe. */
public final class WorkflowWriteSql {
  /** The row alias under which new pointers are bound, and all where no revision is known. */
  public static final String ADDED = "a";

  /** The row alias under which pointers that were stored at the revision are bound. */
  public static final String CHANGED = "c";

  private static final Columns WORKFLOW = WorkflowSql.WORKFLOW;
  private static final Columns POINTER = WorkflowSql.POINTER;

  private static final String LOCK =
      "select 1 from {workflows} where id = :id for no key update;\n";

  private static final String AND_NAME_IS_FREE =
      " and not exists (select from {workflows} o where o.name = :name and o.id <> :id)\n";

  private static final String AND_POINTERS_ARE_FREE =
      """
       and not exists (
        select from {execution_pointers} p
        where p.id = any(:added::text[]) and p.workflow_id <> :id)
      """;

  private static final String AND_SUBSCRIPTIONS_ARE_FREE =
      " and not exists (select from {event_subscriptions} where id = any(:subscribed::text[]))\n";

  /**
   * The place is compared as text, so that the row is found by its key: a fetch by {@code ctid}
   * never makes room in a page, and the table would grow by a row with each write until it is
   * vacuumed.
   */
  private static final String AND_AT_THE_REVISION =
      " and %s = :revision::text\n".formatted(WorkflowSql.revision("w"));

  private static final String REMOVED =
      """
      , removed as (
        delete from {execution_pointers} p using guard
        where p.workflow_id = guard.id and p.id = any(:removed::text[]))
      """;

  /** Not as an anti-join, which may become a loop over all pairs when the plan is a generic one. */
  private static final String ALL_OTHERS_REMOVED =
      """
      , removed as (
        delete from {execution_pointers} p using guard
        where p.workflow_id = guard.id
          and p.id not in (select unnest(:kept::text[])))
      """;

  /** Which of them the workflow has already, where no revision tells. */
  private static final String SENT =
      """
      , sent as (
        select a.*, a.id in (
            select id from {execution_pointers} where workflow_id = :id) as stored
        from %s)
      """;

  private static final String OR_UPDATE =
      " on conflict (id) do update set %s where p.workflow_id = excluded.workflow_id"
          .formatted(POINTER.without("id").assignmentsFromExcluded());

  /**
   * A pointer that another workflow took meanwhile is left alone, and then missed in the count. It
   * is not locked either, as an update would: its owner, giving it up, would wait for us while we
   * wait for a pointer that the owner has just added.
   */
  private static final String OR_NOTHING = " on conflict (id) do nothing";

  private final ShapedSql<Integer> create;
  private final ShapedSql<PersistShape> persist;

  /** For the store. */
  public WorkflowWriteSql(StoreNames names) {
    create = new ShapedSql<>(names, WorkflowWriteSql::createTemplate);
    persist = new ShapedSql<>(names, shape -> persistTemplate(names, shape));
  }

  /**
   * One row, with the id, when workflow and so many pointers were created; none when the id or the
   * name is taken. A pointer's id that is taken is a unique violation: to look in advance would
   * cost each create a sixth of the server's time, for ids that are made to differ.
   */
  public NamedSql create(int pointers) {
    return create.of(Columns.shape(pointers));
  }

  /**
   * One row, with the new revision, and the revived events' ids where it subscribes, when
   * everything was written; none when the workflow is not there, not at the given revision, or the
   * name or an id is taken. A pointer id taken at the same moment divides by zero.
   *
   * <p>Where no revision is given, the row is locked by a statement of its own first, so that the
   * second one sees the pointers of a writer that was at it.
   */
  public NamedSql persist(PersistShape shape) {
    return persist.of(shape);
  }

  private static String createTemplate(int pointers) {
    String guard =
        """
        with guard as (
          insert into {workflows} (%s, last_heartbeat_at)
          values (%s, clock_timestamp())
          on conflict do nothing
          returning id)
        """
            .formatted(WORKFLOW.names(), WORKFLOW.values());
    return guard
        + (pointers > 0 ? written("added", ADDED, POINTER.rows(ADDED, pointers), "") : "")
        + " select id from guard";
  }

  /** From the guard on, every part is done only if the guard gave its row. */
  private static String persistTemplate(StoreNames names, PersistShape shape) {
    StringBuilder template = new StringBuilder();
    if (shape.subscribes()) {
      template.append(SubscriptionSql.lockNewTopics(names, shape.subscriptions()));
    }
    if (!shape.guarded()) {
      template.append(LOCK);
    }
    template.append(guard(shape));
    if (shape.removes()) {
      template.append(shape.guarded() ? REMOVED : ALL_OTHERS_REMOVED);
    }
    if (!shape.guarded() && shape.adds()) {
      template.append(SENT.formatted(POINTER.rows(ADDED, shape.added())));
    }
    if (shape.adds()) {
      String rows = rows(shape, ADDED, shape.added(), "not stored");
      template.append(written("added", ADDED, rows, OR_NOTHING));
    }
    if (shape.changes()) {
      String rows = rows(shape, CHANGED, shape.changed(), "stored");
      template.append(written("changed", CHANGED, rows, OR_UPDATE));
    }
    if (shape.subscribes()) {
      template.append(subscribed(shape.subscriptions()));
    }
    return template
        .append(" select revision, create_time")
        .append(requireWritten(shape))
        .append(shape.subscribes() ? ", " + SubscriptionSql.REVIVED_IDS : "")
        .append(" from guard")
        .toString();
  }

  private static String guard(PersistShape shape) {
    Columns set = shape.sendsData() ? WORKFLOW : WorkflowSql.WORKFLOW_WITHOUT_DATA;
    return """
        with guard as (
          update {workflows} w set %s, last_heartbeat_at = clock_timestamp()
          where w.id = :id%s%s%s%s
          returning w.id, %s as revision, w.create_time)
        """
        .formatted(
            set.without("id").assignments(),
            shape.guarded() ? AND_AT_THE_REVISION : "",
            shape.renames() ? AND_NAME_IS_FREE : "",
            shape.adds() ? AND_POINTERS_ARE_FREE : "",
            shape.subscribes() ? AND_SUBSCRIPTIONS_ARE_FREE : "",
            WorkflowSql.revision("w"));
  }

  private static String rows(PersistShape shape, String alias, int count, String which) {
    return shape.guarded()
        ? POINTER.rows(alias, count)
        : "(select * from sent where %s) as %s".formatted(which, alias);
  }

  private static String written(String name, String alias, String rows, String onConflict) {
    return """
        , %s as (
          insert into {execution_pointers} as p (workflow_id, %s)
          select guard.id, %s from guard cross join %s%s
          returning 1)
        """
        .formatted(name, POINTER.names(), POINTER.ofRows(alias), rows, onConflict);
  }

  /**
   * Divides by zero, undoing the whole statement, unless as many rows were written as sent.
   *
   * <p>Counting is what makes PostgreSQL add the pointers first, then change others, and then
   * remove what nothing counts: once it has touched a pointer that another may wait for, it waits
   * for nobody.
   */
  private static String requireWritten(PersistShape shape) {
    List<String> counts = new ArrayList<>();
    if (shape.adds()) {
      counts.add("(select count(*) from added)");
    }
    if (shape.changes()) {
      counts.add("(select count(*) from changed)");
    }
    return counts.isEmpty()
        ? ""
        : ", 1 / (case when %s = :written then 1 else 0 end)".formatted(String.join(" + ", counts));
  }

  private static String subscribed(int subscriptions) {
    Columns columns = SubscriptionSql.SUBSCRIPTION;
    return """
        , subscribed as (
          insert into {event_subscriptions} (%s)
          select %s from guard cross join %s
          returning 1)
        , %s
        """
        .formatted(
            columns.names(),
            columns.ofRows(SubscriptionSql.NEW),
            columns.rows(SubscriptionSql.NEW, subscriptions),
            SubscriptionSql.revived("subscribed", subscriptions));
  }
}
