package dev.wfe.postgres.internal.sql;

/** The statements on workflows and their pointers. Thread-safe. */
public final class WorkflowSql {
  /** What is written of a workflow; {@code last_heartbeat_at} is the database's business. */
  public static final Columns WORKFLOW =
      Columns.none()
          .text("id", "name", "root_workflow_id", "definition_id")
          .integer("version")
          .text("description", "reference", "status")
          .jsonb("data")
          .bigint("next_execution")
          .timestamptz("create_time", "complete_time");

  /** What is written of a pointer besides its workflow. */
  public static final Columns POINTER =
      Columns.none()
          .text("id")
          .bigint("position")
          .integer("step_id")
          .bool("active")
          .text("status")
          .timestamptz("sleep_until")
          .jsonb("persistence_data")
          .timestamptz("start_time", "end_time")
          .text("event_name", "event_key")
          .bool("event_published")
          .jsonb("event_data")
          .text("step_name")
          .integer("retry_count")
          .jsonb("children", "context_item")
          .text("predecessor_id")
          .jsonb("outcome", "scope", "extension_attributes");

  /** The row alias under which {@link #POINTER} rows are bound. */
  public static final String WRITTEN = "w";

  private static final String NO_POINTER_TAKEN =
      """
      not exists (
        select from {execution_pointers} p
        where p.id = any(:added::text[]) and p.workflow_id <> :id)""";

  private static final String UPDATE =
      """
      update {workflows} w set %s,
        data = coalesce(:data::jsonb, w.data),
        last_heartbeat_at = clock_timestamp()
      where w.id = :id
        and not exists (select from {workflows} o where o.name = :name and o.id <> :id)
        and %s
      """
          .formatted(WORKFLOW.without("id", "data").assignments(), NO_POINTER_TAKEN);

  private static final String RETURNING =
      " returning w.id, w.xmin::text as xmin, w.ctid::text as ctid\n";

  /** A pointer that another workflow took meanwhile is left alone, and then missed in the count. */
  private static final String WRITTEN_POINTERS =
      """
      written as (
        insert into {execution_pointers} as p (workflow_id, %s)
        select guard.id, %s from guard cross join %s
        on conflict (id) do update set %s where p.workflow_id = excluded.workflow_id
        returning 1)
      """
          .formatted(
              POINTER.names(),
              POINTER.unnested(WRITTEN),
              POINTER.unnest(WRITTEN),
              POINTER.without("id").assignmentsFromExcluded());

  /** Divides by zero, undoing the whole statement, unless as many rows were written as sent. */
  private static final String REQUIRE_WRITTEN =
      "1 / (case when (select count(*) from written) = :written then 1 else 0 end)";

  private static final String GUARDED =
      "with guard as ("
          + UPDATE
          + " and w.xmin = :xmin::xid and w.ctid = :ctid::tid"
          + RETURNING
          + """
          ), removed as (
            delete from {execution_pointers} p using guard
            where p.workflow_id = guard.id and p.id = any(:removed::text[])
          ),\s"""
          + WRITTEN_POINTERS;

  private static final String LOCK =
      "select 1 from {workflows} where id = :id for no key update;\n";

  private static final String UNGUARDED =
      "with guard as ("
          + UPDATE
          + RETURNING
          + """
          ), removed as (
            delete from {execution_pointers} p using guard
            where p.workflow_id = guard.id
              and not exists (select from unnest(:w_id::text[]) as kept(id) where kept.id = p.id)
          ),\s"""
          + WRITTEN_POINTERS;

  private static final String PERSISTED =
      " select xmin, ctid, %s from guard".formatted(REQUIRE_WRITTEN);

  private static final String SUBSCRIBED =
      """
      , subscribed as (
        insert into {event_subscriptions} (%s)
        select %s from guard cross join %s
      ), %s
      select xmin, ctid, %s, %s from guard
      """
          .formatted(
              SubscriptionSql.SUBSCRIPTION.names(),
              SubscriptionSql.SUBSCRIPTION.unnested(SubscriptionSql.NEW),
              SubscriptionSql.SUBSCRIPTION.unnest(SubscriptionSql.NEW),
              SubscriptionSql.REVIVED,
              REQUIRE_WRITTEN,
              SubscriptionSql.REVIVED_IDS);

  private static final String AND_NO_SUBSCRIPTION_TAKEN =
      " and not exists (select from {event_subscriptions} where id = any(:s_id::text[]))";

  /** One statement, so one snapshot: first each workflow, then its pointers in their order. */
  private static final String INSTANCES =
      """
      select 0 as kind, w.id as workflow_id, w.xmin::text as xmin, w.ctid::text as ctid, %s, %s
      from {workflows} w where w.%%s
      union all
      select 1, p.workflow_id, null, null, %s, %s
      from {execution_pointers} p where p.workflow_id %%s
      order by workflow_id, kind, p_position nulls first, p_id
      """
          .formatted(
              WORKFLOW.aliased("w", "w_"),
              POINTER.nulls("p_"),
              WORKFLOW.nulls("w_"),
              POINTER.aliased("p", "p_"));

  /**
   * One row, with the id, when workflow and pointers were created; none when the id, the name or a
   * pointer's id is taken. A pointer id taken at the same moment is a unique violation.
   */
  public final NamedSql create;

  /**
   * One row, with {@code xmin} and {@code ctid}, when everything was written; none when the
   * workflow is not there, not at the given revision, or the name or a pointer's id is taken. A
   * pointer id taken at the same moment divides by zero.
   */
  public final NamedSql persistGuarded;

  /**
   * As {@link #persistGuarded} whatever the revision. The row is locked by a statement of its own
   * first, so that the second one sees the pointers of a writer that was at it.
   */
  public final NamedSql persistUnguarded;

  /** As {@link #persistGuarded}, under the topics' locks, and with the ids of revived events. */
  public final NamedSql persistGuardedSubscribing;

  /** As {@link #persistUnguarded}, under the topics' locks, and with the ids of revived events. */
  public final NamedSql persistUnguardedSubscribing;

  /**
   * One row that tells why a write was refused: the version of the workflow's row, if there is one,
   * whether another has the name, the first of the pointer ids that another workflow has, and the
   * first of the subscription ids that exist.
   */
  public final NamedSql explainRefusal;

  /** The rows of the workflow with the id and of its pointers, as of one snapshot. */
  public final NamedSql byId;

  /** As {@link #byId}, found by its name. */
  public final NamedSql byName;

  /** As {@link #byId}, of many. */
  public final NamedSql byIds;

  /** The ids of the runnable workflows that are due, earliest first, no more than the limit. */
  public final NamedSql runnable;

  /** One row: the definition's next number. */
  public final NamedSql nextSequence;

  /** Compiles the statements for the store. */
  public WorkflowSql(StoreNames names) {
    create =
        new NamedSql(
            names,
            """
            with guard as (
              insert into {workflows} (%s)
              select %s where not exists (
                select from {execution_pointers} where id = any(:w_id::text[]))
              on conflict do nothing
              returning id
            ), written as (
              insert into {execution_pointers} (workflow_id, %s)
              select guard.id, %s from guard cross join %s
            )
            select id from guard
            """
                .formatted(
                    WORKFLOW.names(),
                    WORKFLOW.values(),
                    POINTER.names(),
                    POINTER.unnested(WRITTEN),
                    POINTER.unnest(WRITTEN)));
    persistGuarded = new NamedSql(names, GUARDED + PERSISTED);
    persistUnguarded = new NamedSql(names, LOCK + UNGUARDED + PERSISTED);
    String lockTopics = SubscriptionSql.lockNewTopics(names);
    persistGuardedSubscribing = new NamedSql(names, lockTopics + subscribing(GUARDED) + SUBSCRIBED);
    persistUnguardedSubscribing =
        new NamedSql(names, lockTopics + LOCK + subscribing(UNGUARDED) + SUBSCRIBED);
    explainRefusal =
        new NamedSql(
            names,
            """
            select
              (select xmin::text || ctid::text from {workflows} where id = :id) as version,
              exists (select from {workflows} where name = :name and id <> :id) as name_taken,
              (select min(id) from {execution_pointers}
                where id = any(:pointers::text[]) and workflow_id <> :owner) as pointer_taken,
              (select min(id) from {event_subscriptions}
                where id = any(:subscriptions::text[])) as subscription_taken
            """);
    byId = instances(names, "id = :id", "= :id");
    byName = instances(names, "name = :name", "= (select id from {workflows} where name = :name)");
    byIds = instances(names, "id = any(:ids::text[])", "= any(:ids::text[])");
    runnable =
        new NamedSql(
            names,
            """
            select id from {workflows}
            where status = 'Runnable' and next_execution <= :asAt
            order by next_execution, id limit :limit
            """);
    nextSequence =
        new NamedSql(
            names,
            """
            insert into {definition_sequences} as s (definition_id, next_num) values (:id, 1)
            on conflict (definition_id) do update set next_num = s.next_num + 1
            returning next_num
            """);
  }

  private static String subscribing(String persist) {
    return persist.replace(NO_POINTER_TAKEN, NO_POINTER_TAKEN + AND_NO_SUBSCRIPTION_TAKEN);
  }

  private static NamedSql instances(StoreNames names, String workflow, String pointers) {
    return new NamedSql(names, INSTANCES.formatted(workflow, pointers));
  }
}
