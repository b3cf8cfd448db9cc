package dev.wfe.postgres.internal.sql;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.mapping.StoreFields;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The statements that read workflows with their pointers, and the one that assigns definition
 * sequence numbers. Thread-safe.
 */
public final class WorkflowSql {
  /**
   * The columns of a workflow, except {@code last_heartbeat_at}, which the statements set from the
   * database's clock.
   */
  public static final Columns<WorkflowInstance> WORKFLOW = Columns.of(StoreFields.WORKFLOW);

  /** The columns of a workflow whose data has not changed. */
  public static final Columns<WorkflowInstance> WORKFLOW_WITHOUT_DATA = WORKFLOW.without("data");

  /** The columns of a pointer. */
  static final Columns<PositionedPointer> POINTER = Columns.of(StoreFields.POINTER);

  static final UnionColumns COLUMNS = new UnionColumns(WORKFLOW, POINTER);

  /** A single statement, so that workflow and pointers are read in one snapshot. */
  private static final String INSTANCES =
      """
      select %s, %s from {workflows} w where w.%%s
      union all
      select null, %s from {execution_pointers} p where p.workflow_id %%s
      """
          .formatted(revision("w"), COLUMNS.ofFirst("w"), COLUMNS.ofSecond("p"));

  /**
   * The column indexes of a workflow in the results of {@link #byId}, {@link #byName} and {@link
   * #byIds}.
   */
  public static final Map<String, Integer> WORKFLOW_COLUMNS = COLUMNS.indexesOfFirst(1);

  /** The column indexes of a pointer in the same results. */
  public static final Map<String, Integer> POINTER_COLUMNS = COLUMNS.indexesOfSecond(1);

  /** Columns before those of workflows and pointers in {@link #liveByIds}. */
  private static final int LEADING_COLUMNS_OF_LIVE_PARTS = 2;

  /** The column indexes of a workflow in the result of {@link #liveByIds}. */
  public static final Map<String, Integer> LIVE_WORKFLOW_COLUMNS =
      COLUMNS.indexesOfFirst(LEADING_COLUMNS_OF_LIVE_PARTS);

  /** The column indexes of a pointer in the same result. */
  public static final Map<String, Integer> LIVE_POINTER_COLUMNS =
      COLUMNS.indexesOfSecond(LEADING_COLUMNS_OF_LIVE_PARTS);

  private static final String DEFINITION =
      """
      select definition_id || ' ' || version::text as id, graph from {workflow_definitions}
      where definition_id = :id and version = :version
      """;

  /** The greatest position of the workflow's pointers. */
  static final String LAST_POSITION =
      "(select max(position) from {execution_pointers} where workflow_id = w.id)";

  /** The words of the statuses of pointers that have ended. */
  private static final String ENDED =
      Stream.of(PointerStatus.values())
          .filter(PointerStatus::isEnd)
          .map(status -> "'" + status.word() + "'")
          .collect(Collectors.joining(", ", "(", ")"));

  /**
   * Returns the rows of a workflow and its pointers, in one snapshot and in no order. In the rows
   * of pointers the revision is null.
   */
  public final NamedSql byId;

  /** As {@link #byId}, by name. */
  public final NamedSql byName;

  /** As {@link #byId}, for many ids. */
  public final NamedSql byIds;

  /**
   * As {@link #byIds}, but only with the pointers of the live parts. After the revision comes the
   * greatest position of the workflow's pointers.
   */
  public final NamedSql liveByIds;

  /**
   * Stores the graph of a version of a definition unless there is one, and returns one row with the
   * stored graph. Two statements, so that the second one sees a graph that another session stored
   * concurrently.
   */
  public final NamedSql registerDefinition;

  /** Returns one row with the stored graph of a version of a definition, or none. */
  public final NamedSql definition;

  /**
   * Returns the ids of the runnable workflows that are due, earliest first, at most the limit. The
   * bounds are sub-selects, because for visible parameter values the planner would create a new
   * plan on each execution, although it always has the same shape.
   */
  public final NamedSql runnable;

  /** As {@link #runnable}, with the due times, after a position. */
  public final NamedSql runnablePage;

  /** Returns one row with the definition's next number. */
  public final NamedSql nextSequence;

  /** Compiles the statements for the store. */
  public WorkflowSql(StoreNames names) {
    // The sub-select hides the id: a plan for one id would depend on its number of pointers, and
    // each id would get its own plan.
    byId = instances(names, "id = :id", "= (select :id::text)");
    byName = instances(names, "name = :name", "= (select id from {workflows} where name = :name)");
    byIds = instances(names, "id = any(:ids::text[])", "= any(:ids::text[])");
    String ids = "(select :ids::text[])::text[]";
    liveByIds =
        new NamedSql(
            names,
            """
            with %s
            select %s as revision, %s as last_position, %s
            from {workflows} w where w.id = any(%s)
            union all
            %s
            """
                .formatted(
                    livePointers(ids),
                    revision("w"),
                    LAST_POSITION,
                    COLUMNS.ofFirst("w"),
                    ids,
                    shownPointers(LEADING_COLUMNS_OF_LIVE_PARTS, ids)));
    registerDefinition =
        new NamedSql(
            names,
            """
            insert into {workflow_definitions} (definition_id, version, graph)
            values (:id, :version, :graph::jsonb)
            on conflict (definition_id, version) do nothing;
            """
                + DEFINITION);
    definition = new NamedSql(names, DEFINITION);
    runnable =
        new NamedSql(
            names,
            """
            select id from {workflows}
            where status = 'Runnable' and next_execution <= (select :asAt::bigint)
              and id not in (select pg_catalog.unnest((%s)))
            order by next_execution, id limit (select :limit::bigint)
            """
                .formatted(LeaseSql.leased(LeaseSql.WORKFLOW)));
    runnablePage =
        new NamedSql(
            names,
            """
            select id, next_execution from {workflows}
            where status = 'Runnable' and next_execution <= (select :asAt::bigint)
              and (next_execution, id) > ((select :after::bigint), (select :afterId::text))
              and id not in (select pg_catalog.unnest((%s)))
            order by next_execution, id limit (select :limit::bigint)
            """
                .formatted(LeaseSql.leased(LeaseSql.WORKFLOW)));
    nextSequence =
        new NamedSql(
            names,
            """
            insert into {definition_sequences} as s (definition_id, next_num) values (:id, 1)
            on conflict (definition_id) do update set next_num = s.next_num + 1
            returning next_num
            """);
  }

  /**
   * Returns the expression of a workflow's revision, which distinguishes each version of its row
   * from every other. It needs three parts:
   *
   * <ul>
   *   <li>{@code xmin}, the writing transaction. It is not unique by itself: two updates of one
   *       transaction share it, and after a crash or failover that lost commits a number is
   *       assigned again.
   *   <li>{@code ctid}, the physical location of the row. It is reused after a vacuum or a table
   *       rewrite.
   *   <li>{@code last_heartbeat_at}, which every write of this library sets from {@code
   *       clock_timestamp()}, so it does not repeat.
   * </ul>
   */
  static String revision(String alias) {
    return ("w.xmin::text || w.ctid::text"
            + " || coalesce(extract(epoch from w.last_heartbeat_at)::text, '')")
        .replace("w.", alias + ".");
  }

  /**
   * Returns the expression {@code live}: the pointers of the workflows that have not ended.
   *
   * @param ids an array of the workflows' ids
   */
  static String livePointers(String ids) {
    return """
    live as materialized (
      select %s from {execution_pointers} p
      where p.workflow_id = any(%s) and p.status not in %s)\
    """
        .formatted(POINTER.names("p"), ids, ENDED);
  }

  /**
   * Returns the query for the pointers of the live parts: those in {@code live}, and the ended ones
   * that their scopes name. A scope of another program may be no list; reading its row reports
   * that. The owner is compared by {@code is true}, so that no index on it is used, which would
   * read all pointers of the workflow.
   *
   * @param leading the number of columns before those of the pointers
   * @param ids an array of the workflows' ids
   */
  static String shownPointers(int leading, String ids) {
    String columns = "null, ".repeat(leading) + COLUMNS.ofSecond("p");
    return """
    select %1$s from live p
    union all
    select %1$s from {execution_pointers} p
    where p.id = any(array(
        select scope.id
        from live l cross join lateral pg_catalog.jsonb_array_elements_text(
          case when pg_catalog.jsonb_typeof(l.scope) = 'array' then l.scope else '[]' end)
          as scope(id)))
      and p.status in %2$s and (p.workflow_id = any(%3$s)) is true\
    """
        .formatted(columns, ENDED, ids);
  }

  private static NamedSql instances(StoreNames names, String workflow, String pointers) {
    return new NamedSql(names, INSTANCES.formatted(workflow, pointers));
  }
}
