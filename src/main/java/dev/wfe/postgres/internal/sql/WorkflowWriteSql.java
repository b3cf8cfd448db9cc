package dev.wfe.postgres.internal.sql;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The statements that write workflows with their pointers. Thread-safe. */
public final class WorkflowWriteSql {
  private static final Columns<WorkflowInstance> WORKFLOW = WorkflowSql.WORKFLOW;
  private static final Columns<PositionedPointer> POINTER = WorkflowSql.POINTER;

  /** The rows of new pointers; of all pointers if no revision is known. */
  public static final RowList<PositionedPointer> ADDED = new RowList<>(POINTER, "a");

  /** The rows of pointers that existed at the revision. */
  public static final RowList<PositionedPointer> CHANGED = new RowList<>(POINTER, "c");

  private static final String LOCK =
      """
      with row as materialized (select from {workflows} where id = :id for no key update)
      select %s, count(*) from row;
      """
          .formatted(Signals.MARK_TRANSACTION);

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
   * The revision is compared as text, so that the row is found through the primary key. A fetch by
   * {@code ctid} never prunes dead row versions in a page, so the table would grow by one row
   * version per write until the next vacuum.
   */
  private static final String AND_AT_THE_REVISION =
      " and %s = :revision::text\n".formatted(WorkflowSql.revision("w"));

  private static final String REMOVED =
      """
      , removed as (
        delete from {execution_pointers} p using guard
        where p.workflow_id = guard.id and p.id = any(:removed::text[])
        returning p.id)
      """;

  /**
   * Whether all pointers to remove are gone. If fewer rows were deleted than requested, this checks
   * whether the others still exist, because somebody else may have deleted them.
   */
  private static final String ARE_REMOVED =
      """
      (select count(*) from removed) = pg_catalog.cardinality(:removed::text[])
        or not exists (
          select from {execution_pointers} p
          where p.workflow_id = :id and p.id = any(:removed::text[])
            and p.id <> all(array(select id from removed)))
      """;

  /**
   * The ids are looked up in a JSON object, which takes logarithmic time per id. A join or a
   * sub-select may become a nested loop over all pairs if the plan is generic or {@code work_mem}
   * is small.
   */
  private static final String ALL_OTHERS_REMOVED =
      """
      , removed as (
        delete from {execution_pointers} p using guard
        where p.workflow_id = guard.id
          and not jsonb_exists((select jsonb_object(:kept::text[], :kept::text[])), p.id)
        returning 1)
      """;

  private static final String ALL_OTHERS_ARE_REMOVED =
      """
      (select count(*) from removed)%s
        = (select count(*) from {execution_pointers} where workflow_id = :id)
      """;

  /**
   * Determines which of the sent pointers the workflow already has; used if no revision is known.
   */
  private static final String SENT =
      """
      , sent as (
        select a.*, coalesce(jsonb_exists((
            select pg_catalog.jsonb_object_agg(id, 0) from {execution_pointers} where workflow_id = :id),
          a.id), false) as stored
        from %s)
      """;

  /**
   * The existing subscriptions of a workflow that had ended. While it was ended, they did not
   * prevent events from being marked processed.
   */
  private static final String REVIVED_SUBSCRIPTIONS =
      """
      select %s, false as is_new
      from {event_subscriptions} s join guard on s.workflow_id = guard.id
      where (select w.status from {workflows} w where w.id = :id) in ('Complete', 'Terminated')
      """
          .formatted(SubscriptionSql.SUBSCRIPTION.names("s"));

  private static final String OR_UPDATE =
      " on conflict (id) do update set %s where p.workflow_id = excluded.workflow_id"
          .formatted(POINTER.without("id").assignmentsFromExcluded());

  /**
   * A pointer id that another workflow took meanwhile is skipped, and then missing in the count of
   * written rows. {@code do update} would lock that pointer, which can deadlock: its owner, when it
   * removes the pointer, would wait for this transaction, while this transaction waits for a
   * pointer that the owner has just added.
   */
  private static final String OR_NOTHING = " on conflict (id) do nothing";

  private final NamedSql.Variants<CreateShape> create;
  private final NamedSql.Variants<PersistShape> persist;

  /** Creates the statements for the store. */
  public WorkflowWriteSql(StoreNames names) {
    create = new NamedSql.Variants<>(names, WorkflowWriteSql::createTemplate);
    persist = new NamedSql.Variants<>(names, shape -> persistTemplate(names, shape));
  }

  /**
   * Returns the statement that creates a workflow with this number of pointers. It returns one row
   * with the id if everything was created; no row if the id or the name is taken. If a pointer id
   * is taken, it fails with a unique violation: a check in advance costs about 17 % more server
   * time per creation, although pointer ids are generated to be unique.
   */
  public NamedSql create(int pointers) {
    return create.of(new CreateShape(RowList.shape(pointers), false));
  }

  /**
   * As {@link #create}, but a taken id or name also causes a unique violation, which names the
   * constraint.
   */
  public NamedSql createOrFail(int pointers) {
    return create.of(new CreateShape(RowList.shape(pointers), true));
  }

  private record CreateShape(int pointers, boolean failing) {}

  /**
   * Returns the statement that persists a workflow. It returns one row with the new revision, and
   * with the ids of replayed events if it subscribes, if everything was written; no row if the
   * workflow does not exist, is not at the given revision, or a name or id is taken. It fails with
   * {@link Signals#INCOMPLETE} if fewer rows were written than required, because another workflow
   * took an id concurrently or the database suppressed a write.
   *
   * <p>If no revision is given, or an ended workflow is resumed, a separate statement locks the row
   * first; see {@link PersistShape}.
   */
  public NamedSql persist(PersistShape shape) {
    return persist.of(shape);
  }

  private static String createTemplate(CreateShape shape) {
    int pointers = shape.pointers();
    String guard =
        """
        with guard as (
          insert into {workflows} (%s, last_heartbeat_at)
          values (%s, clock_timestamp())
          %s
          returning id)
        """
            .formatted(
                WORKFLOW.names(),
                WORKFLOW.values(),
                shape.failing() ? "" : "on conflict do nothing");
    return guard
        + (pointers > 0 ? written("added", ADDED, ADDED.rows(pointers), "") : "")
        + " select id"
        + requireWritten(pointers > 0 ? List.of("added") : List.of())
        + " from guard";
  }

  /**
   * Every part after {@code guard} has an effect only if {@code guard} updated the workflow's row.
   */
  private static String persistTemplate(StoreNames names, PersistShape shape) {
    StringBuilder template = new StringBuilder();
    if (shape.subscribes()) {
      template.append(SubscriptionSql.lockNewTopics(names, shape.subscriptions()));
    }
    if (shape.locks()) {
      template.append(LOCK);
    }
    template.append(guard(shape));
    if (shape.removes()) {
      template.append(shape.guarded() ? REMOVED : ALL_OTHERS_REMOVED);
    }
    if (!shape.guarded() && shape.adds()) {
      template.append(SENT.formatted(ADDED.rows(shape.added())));
    }
    if (shape.adds()) {
      String rows = rows(shape, ADDED, shape.added(), "not stored");
      template.append(written("added", ADDED, rows, OR_NOTHING));
    }
    if (shape.changes()) {
      String rows = rows(shape, CHANGED, shape.changed(), "stored");
      template.append(written("changed", CHANGED, rows, OR_UPDATE));
    }
    if (shape.replays()) {
      template.append(replayed(shape));
    }
    template.append(" select revision, create_time").append(requireWritten(writtenParts(shape)));
    if (shape.locks() || shape.subscribes()) {
      template.append(", ").append(Signals.REQUIRE_MARKED_TRANSACTION);
    }
    if (shape.replays()) {
      template.append(", ").append(ReplaySql.REPLAYED);
      template.append(", ").append(ReplaySql.REQUIRE_REVIVED);
    }
    if (shape.removes()) {
      template.append(", ").append(requireRemoved(shape));
    }
    return template.append(" from guard").toString();
  }

  private static String guard(PersistShape shape) {
    Columns<WorkflowInstance> set =
        shape.sendsData() ? WORKFLOW : WorkflowSql.WORKFLOW_WITHOUT_DATA;
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

  private static String rows(
      PersistShape shape, RowList<PositionedPointer> rows, int count, String which) {
    return shape.guarded()
        ? rows.rows(count)
        : "(select * from sent where %s) as %s".formatted(which, rows.alias());
  }

  private static String written(
      String name, RowList<PositionedPointer> list, String rows, String onConflict) {
    return """
    , %s as (
      insert into {execution_pointers} as p (workflow_id, %s)
      select guard.id, %s from guard cross join %s%s
      returning 1)
    """
        .formatted(name, POINTER.names(), list.columns(), rows, onConflict);
  }

  private static List<String> writtenParts(PersistShape shape) {
    List<String> parts = new ArrayList<>();
    if (shape.adds()) {
      parts.add("added");
    }
    if (shape.changes()) {
      parts.add("changed");
    }
    return parts;
  }

  /**
   * Returns a column that makes the whole statement fail unless as many rows were written as sent.
   *
   * <p>PostgreSQL executes the parts in the order in which they are counted: it adds pointers
   * first, then changes others, and removes the rest last. This order prevents deadlocks: once the
   * statement has locked a pointer that another transaction may wait for, it does not wait for
   * anybody itself.
   */
  private static String requireWritten(List<String> parts) {
    return parts.isEmpty()
        ? ""
        : ", "
            + Signals.failUnless(
                parts.stream()
                        .map(part -> "(select count(*) from " + part + ")")
                        .collect(Collectors.joining(" + "))
                    + " = :written",
                Signals.INCOMPLETE);
  }

  /** Returns a column that makes the statement fail if a pointer outside the value remains. */
  private static String requireRemoved(PersistShape shape) {
    String others = shape.adds() ? " + (select count(*) from sent where stored)" : "";
    return Signals.failUnless(
        shape.guarded() ? ARE_REMOVED : ALL_OTHERS_ARE_REMOVED.formatted(others),
        Signals.INCOMPLETE);
  }

  /**
   * Stores the new subscriptions, and replays the events of these and of a resumed workflow's
   * existing subscriptions.
   */
  private static String replayed(PersistShape shape) {
    List<String> given = new ArrayList<>();
    if (shape.subscribes()) {
      given.add(
          "select %s, true as is_new from %s"
              .formatted(
                  SubscriptionSql.NEW.columns(), SubscriptionSql.NEW.rows(shape.subscriptions())));
    }
    if (shape.revives()) {
      given.add(REVIVED_SUBSCRIPTIONS);
    }
    return """
    , given as materialized (%s), %s%s, %s%s
    """
        .formatted(
            String.join(" union all ", given),
            ReplaySql.covered("guard cross join given s"),
            shape.subscribes()
                ? ", subscribed as (%s returning 1)"
                    .formatted(SubscriptionSql.insert("guard cross join given s"))
                : "",
            ReplaySql.revived(
                shape.subscribes() ? "(select count(*) from subscribed) > 0" : "true"),
            shape.revives() ? ", " + ReplaySql.advanced("not g.is_new") : "");
  }
}
