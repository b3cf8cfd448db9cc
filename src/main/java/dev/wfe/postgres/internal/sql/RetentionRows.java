package dev.wfe.postgres.internal.sql;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.internal.mapping.EnumCodec;

/**
 * A list of rows in the order of an index, through which a purge or an export goes in batches or
 * pages. In the conditions, the row is called {@code a}. Immutable.
 *
 * @param table the table
 * @param key the column of the key
 * @param keyType its type
 * @param time what the rows are ordered by before the key; empty for nothing
 * @param timeType its type
 * @param old whether a row is in the list
 * @param matches whether a row of the list is deleted or exported
 * @param bytes how much data it has
 */
public record RetentionRows(
    String table,
    String key,
    String keyType,
    String time,
    String timeType,
    String old,
    String matches,
    String bytes) {
  private static final String OLDEST =
      "(now() - (select :ageMicros::float8) * interval '1 microsecond')";

  private static final String OLDEST_MILLIS =
      "(pg_catalog.floor(extract(epoch from now()) * 1000::numeric)::bigint"
          + " - (select :ageMicros::bigint) / 1000)";

  /** Another program may have stored an infinite time, at which no list can go on. */
  static final String FINITE = "greatest(%s, timestamptz '4714-11-24 00:00:00+00 BC')";

  private static final String ENDED = "coalesce(a.complete_time, a.create_time)";

  private static final String HAS_WORKFLOW = "exists (select from {workflows} w where w.id = a.%s)";

  /** Tells in bytes how much data of a workflow is stored. Nothing is decompressed for it. */
  private static final String WORKFLOW_BYTES =
      """
      pg_catalog.pg_column_size(a.data) + (
        select coalesce(sum(100 + coalesce(pg_catalog.pg_column_size(p.persistence_data), 0)
          + coalesce(pg_catalog.pg_column_size(p.event_data), 0)
          + coalesce(pg_catalog.pg_column_size(p.context_item), 0)
          + coalesce(pg_catalog.pg_column_size(p.outcome), 0)
          + coalesce(pg_catalog.pg_column_size(p.extension_attributes), 0)), 0)
        from {execution_pointers} p where p.workflow_id = a.id)\
      """;

  private static final String EVENT_BYTES = "pg_catalog.pg_column_size(a.event_data)";
  private static final String ERROR_BYTES = "pg_catalog.pg_column_size(a.message)";

  private static final String AWAITED =
      """
      exists (
          select from {event_subscriptions} s join {workflows} w on w.id = s.workflow_id
          where %s and w.status not in ('Complete', 'Terminated'))\
      """
          .formatted(EventSql.covers("a"));

  /** Complete workflows, oldest first. */
  public static final RetentionRows COMPLETE = endedWorkflows(WorkflowStatus.COMPLETE);

  /** Terminated workflows, oldest first. */
  public static final RetentionRows TERMINATED = endedWorkflows(WorkflowStatus.TERMINATED);

  /** Processed events, oldest first. */
  public static final RetentionRows PROCESSED_EVENTS =
      new RetentionRows(
          "events",
          "id",
          "text",
          "a.event_time",
          "timestamptz",
          "a.event_time < " + OLDEST,
          "a.is_processed is true and not " + AWAITED,
          EVENT_BYTES);

  /** Errors, oldest first. */
  public static final RetentionRows OLD_ERRORS =
      new RetentionRows(
          "execution_errors",
          "id",
          "bigint",
          "a.error_time",
          "timestamptz",
          "a.error_time < " + OLDEST,
          "true",
          ERROR_BYTES);

  /** Due commands of workflows and events that do not exist, oldest first. */
  public static final RetentionRows COMMANDS =
      new RetentionRows(
          "scheduled_commands",
          "id",
          "bigint",
          "a.execute_time",
          "bigint",
          "a.execute_time < " + OLDEST_MILLIS,
          """
          case a.command_name
            when 'ProcessWorkflow' then not %s
            when 'ProcessEvent' then not exists (select from {events} e where e.id = a.data)
            else false end\
          """
              .formatted(HAS_WORKFLOW.formatted("data")),
          "0");

  /** Subscriptions of workflows that do not exist, by id. */
  public static final RetentionRows SUBSCRIPTIONS =
      byKey(
          "event_subscriptions",
          "id",
          "a.subscribe_as_of < %s and not %s"
              .formatted(OLDEST, HAS_WORKFLOW.formatted("workflow_id")),
          "0");

  /** Leases of workflows that do not exist, by id. */
  public static final RetentionRows WORKFLOW_LEASES =
      byKey(
          "workflow_leases",
          "workflow_id",
          "a.expires_at < %s and not %s".formatted(OLDEST, HAS_WORKFLOW.formatted("workflow_id")),
          "0");

  /** Leases of events that do not exist or are processed, by id. */
  public static final RetentionRows EVENT_LEASES =
      byKey(
          "event_leases",
          "event_id",
          """
          a.expires_at < %s and not exists (
            select from {events} e where e.id = a.event_id and e.is_processed is not true)\
          """
              .formatted(OLDEST),
          "0");

  /** All workflows, by id. */
  public static final RetentionRows ALL_WORKFLOWS =
      byKey("workflows", "id", "true", WORKFLOW_BYTES);

  /** All events, by id. */
  public static final RetentionRows ALL_EVENTS = byKey("events", "id", "true", EVENT_BYTES);

  /** All errors, by id. */
  public static final RetentionRows ALL_ERRORS =
      new RetentionRows("execution_errors", "id", "bigint", "", "", "true", "true", ERROR_BYTES);

  private static RetentionRows endedWorkflows(WorkflowStatus status) {
    String word = "a.status = '%s'".formatted(EnumCodec.WORKFLOW_STATUS.encode(status));
    return new RetentionRows(
        "workflows",
        "id",
        "text",
        ENDED,
        "timestamptz",
        word + " and " + ENDED + " < " + OLDEST,
        word
            + " and coalesce(a.complete_time, greatest(a.last_heartbeat_at, a.create_time)) < "
            + OLDEST
            + " and (:definition::text is null or a.definition_id = :definition::text)",
        WORKFLOW_BYTES);
  }

  /** Rows of a table with texts as keys, in the order of the key. */
  private static RetentionRows byKey(String table, String key, String matches, String bytes) {
    return new RetentionRows(table, key, "text", "", "", "true", matches, bytes);
  }

  String finite(String timeOfRow) {
    return timeType.equals("timestamptz") ? FINITE.formatted(timeOfRow) : timeOfRow;
  }

  String order(String row) {
    return (time.isEmpty() ? "" : row + ".time, ") + row + ".id";
  }

  private String after() {
    String id = "(select :afterId::text::%s)".formatted(keyType);
    return time.isEmpty()
        ? "a.%s > %s".formatted(key, id)
        : "(%s, a.%s) > ((select :afterTime::text::%s), %s)".formatted(time, key, timeType, id);
  }

  /**
   * The rows that a batch or page looks at. The inner limit is a literal, because for a parameter
   * the planner assumes a tenth of the table.
   */
  String page(int limit) {
    return """
      page as materialized (
        select * from (
          select a.%1$s as id, %2$s as time from {%3$s} a
          where %4$s and %5$s
          order by %6$sa.%1$s limit %7$s) earliest
        limit (select :limit::bigint))\
      """
        .formatted(
            key,
            time.isEmpty() ? "null::timestamptz" : time,
            table,
            after(),
            old,
            time.isEmpty() ? "" : time + ", ",
            limit);
  }

  /** Whether a position in the list has a time. */
  public boolean hasTime() {
    return !time.isEmpty();
  }

  /** Whether the time of a position is a number of milliseconds. */
  public boolean hasMillis() {
    return timeType.equals("bigint");
  }

  /** Whether the id of a position is a number. */
  public boolean hasNumbers() {
    return keyType.equals("bigint");
  }
}
