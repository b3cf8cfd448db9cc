package dev.wfe.postgres.internal.sql;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.internal.mapping.PlacedPointer;
import dev.wfe.postgres.internal.mapping.StoreFields;
import java.util.Map;

/** The statements that read workflows with their pointers, and count. Thread-safe. */
public final class WorkflowSql {
  /** What is written of a workflow; {@code last_heartbeat_at} is the database's business. */
  public static final Columns<WorkflowInstance> WORKFLOW = Columns.of(StoreFields.WORKFLOW);

  /** What is written of a workflow whose data is as it is stored. */
  public static final Columns<WorkflowInstance> WORKFLOW_WITHOUT_DATA = WORKFLOW.without("data");

  /** What is written of a pointer besides its workflow. */
  static final Columns<PlacedPointer> POINTER = Columns.of(StoreFields.POINTER);

  private static final SharedPlaces PLACES = new SharedPlaces(WORKFLOW, POINTER, "workflow_id");

  /** One statement, so one snapshot. */
  private static final String INSTANCES =
      """
      select %s, %s from {workflows} w where w.%%s
      union all
      select null, %s from {execution_pointers} p where p.workflow_id %%s
      """
          .formatted(revision("w"), PLACES.ofFirst("w"), PLACES.ofSecond("p"));

  /** Where the columns of a workflow stand in the results of {@link #byId} and the like. */
  public static final Map<String, Integer> WORKFLOW_PLACES = PLACES.placesOfFirst(1);

  /** Where the columns of a pointer stand there. */
  public static final Map<String, Integer> POINTER_PLACES = PLACES.placesOfSecond(1);

  /**
   * One row that tells why a write was refused: the revision of the workflow's row, if there is
   * one, whether another has the name, the first of the pointer ids that another workflow has, and
   * the first of the subscription ids that exist.
   */
  public final NamedSql explainRefusal;

  /**
   * The rows of the workflow with the id and of its pointers, as of one snapshot, in no order;
   * those of pointers have no revision.
   */
  public final NamedSql byId;

  /** As {@link #byId}, found by its name. */
  public final NamedSql byName;

  /** As {@link #byId}, of many. */
  public final NamedSql byIds;

  /**
   * The ids of the runnable workflows that are due, earliest first, no more than the limit. The
   * bounds stand in sub-selects: for bounds that the planner can see it would make a new plan each
   * time, of the same shape.
   */
  public final NamedSql runnable;

  /** As {@link #runnable}, with their times, behind a position. */
  public final NamedSql runnablePage;

  /** One row: the definition's next number. */
  public final NamedSql nextSequence;

  /** Compiles the statements for the store. */
  public WorkflowSql(StoreNames names) {
    explainRefusal =
        new NamedSql(
            names,
            """
            select
              (select %s from {workflows} w where w.id = :id) as revision,
              exists (select from {workflows} where name = :name and id <> :id) as name_taken,
              (select min(id) from {execution_pointers}
                where id = any(:pointers::text[]) and workflow_id <> :owner) as pointer_taken,
              (select min(id) from {event_subscriptions}
                where id = any(:subscriptions::text[])) as subscription_taken
            """
                .formatted(revision("w")));
    // A plan for one id would count on its number of pointers, and each id would get its own plan.
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
   * What tells one version of a workflow's row from every other.
   *
   * <ul>
   *   <li>{@code xmin}, the writing transaction: two updates of one transaction share it, and after
   *       a crash or failover that lost commits a number is given out again.
   *   <li>{@code ctid}, the place of the row: it is used again after a vacuum or a table rewrite.
   *   <li>{@code last_heartbeat_at}, which every write of this library sets from {@code
   *       clock_timestamp()}: it does not come again.
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
