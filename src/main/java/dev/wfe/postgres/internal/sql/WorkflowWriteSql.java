package dev.wfe.postgres.internal.sql;

/** The statements that write workflows with their pointers. Thread-safe. */
public final class WorkflowWriteSql {
  /** The row alias under which the pointers to write are bound. */
  public static final String WRITTEN = "w";

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
   * As text, so that the row is found by its key: a fetch by {@code ctid} never makes room in a
   * page, and the table would grow by a row with each write until it is vacuumed.
   */
  private static final String AND_AT_THE_REVISION =
      " and w.xmin = :xmin::xid and w.ctid::text = :ctid\n";

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

  /** Divides by zero, undoing the whole statement, unless as many rows were written as sent. */
  private static final String REQUIRE_WRITTEN =
      ", 1 / (case when (select count(*) from written) = :written then 1 else 0 end)";

  /** A pointer that another workflow took meanwhile is left alone, and then missed in the count. */
  private static final String UPSERT =
      " on conflict (id) do update set %s where p.workflow_id = excluded.workflow_id returning 1"
          .formatted(POINTER.without("id").assignmentsFromExcluded());

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
   * One row, with {@code xmin} and {@code ctid}, and the revived events' ids where it subscribes,
   * when everything was written; none when the workflow is not there, not at the given revision, or
   * the name or an id is taken. A pointer id taken at the same moment divides by zero.
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
          insert into {workflows} (%s)
          values (%s)
          on conflict do nothing
          returning id)
        """
            .formatted(WORKFLOW.names(), WORKFLOW.values());
    return guard + (pointers > 0 ? written(pointers, "") : "") + " select id from guard";
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
    if (shape.writes()) {
      template.append(written(shape.written(), UPSERT));
    }
    if (shape.subscribes()) {
      template.append(subscribed(shape.subscriptions()));
    }
    return template
        .append(" select xmin, ctid")
        .append(shape.writes() ? REQUIRE_WRITTEN : "")
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
          returning w.id, w.xmin::text as xmin, w.ctid::text as ctid)
        """
        .formatted(
            set.without("id").assignments(),
            shape.guarded() ? AND_AT_THE_REVISION : "",
            shape.renames() ? AND_NAME_IS_FREE : "",
            shape.adds() ? AND_POINTERS_ARE_FREE : "",
            shape.subscribes() ? AND_SUBSCRIPTIONS_ARE_FREE : "");
  }

  private static String written(int pointers, String onConflict) {
    return """
        , written as (
          insert into {execution_pointers} as p (workflow_id, %s)
          select guard.id, %s from guard cross join %s%s)
        """
        .formatted(
            POINTER.names(), POINTER.ofRows(WRITTEN), POINTER.rows(WRITTEN, pointers), onConflict);
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
