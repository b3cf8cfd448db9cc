package dev.wfe.postgres.internal.sql;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.mapping.StoreFields;
import java.util.Map;

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

  private static final UnionColumns COLUMNS = new UnionColumns(WORKFLOW, POINTER);

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
    runnable =
        new NamedSql(
            names,
            """
            select id from {workflows}
            where status = 'Runnable' and next_execution <= (select :asAt::bigint)
            order by next_execution, id limit (select :limit::bigint)
            """);
    runnablePage =
        new NamedSql(
            names,
            """
            select id, next_execution from {workflows}
            where status = 'Runnable' and next_execution <= (select :asAt::bigint)
              and (next_execution, id) > ((select :after::bigint), (select :afterId::text))
            order by next_execution, id limit (select :limit::bigint)
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

  private static NamedSql instances(StoreNames names, String workflow, String pointers) {
    return new NamedSql(names, INSTANCES.formatted(workflow, pointers));
  }
}
