package dev.wfe.postgres.internal.sql;

import static dev.wfe.postgres.internal.sql.WriteParts.ADDED;
import static dev.wfe.postgres.internal.sql.WriteParts.CHANGED;
import static dev.wfe.postgres.internal.sql.WriteParts.COMMANDS;
import static dev.wfe.postgres.internal.sql.WriteParts.CREATED;
import static dev.wfe.postgres.internal.sql.WriteParts.ERRORS;
import static dev.wfe.postgres.internal.sql.WriteParts.PUBLISHED;
import static dev.wfe.postgres.internal.sql.WriteParts.SUBSCRIBED;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.postgres.internal.mapping.Field;
import dev.wfe.postgres.internal.sql.WorkflowChange.Update;
import dev.wfe.postgres.internal.sql.WorkflowChange.Written;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The statement that makes many {@link WorkflowChange}s: its text. {@link BatchRows} sets its
 * parameters, and {@link BatchResult} reads its result. Its parts are those of {@link WriteParts},
 * with all rows in arrays; a column {@code element} tells to which change a row belongs. A change
 * that is not allowed is skipped, and the others are made:
 *
 * <ol>
 *   <li>A separate statement locks all workflows and leases.
 *   <li>{@code taken} finds the changes for which a key is taken.
 *   <li>{@code guard} updates the workflows of all other changes, if they are at their revision and
 *       their lease is valid.
 *   <li>{@code accepted} tells for each change whether it is made. All further parts write the rows
 *       of these changes only.
 *   <li>The result has rows of several kinds, see {@link #result}.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class WorkflowBatchSql {
  private static final String REMOVED =
      """
      , removed as (
        delete from {execution_pointers} p using %s
          and p.workflow_id = r.workflow_id and p.id = r.id
        returning p.id)
      """
          .formatted(BatchRows.REMOVALS.batchRows() + " where " + accepted("r"));

  private static final String ARE_REMOVED =
      """
      not exists (
        select from {execution_pointers} p join %s
          on p.workflow_id = r.workflow_id and p.id = r.id
        where %s
          and jsonb_exists(
            (select pg_catalog.jsonb_object_agg(id, 0) from removed), p.id) is not true)
      """
          .formatted(BatchRows.REMOVALS.batchRows(), accepted("r"));

  private final NamedSql.Variants<Shape> variants;

  /** Creates the statements for the store. */
  public WorkflowBatchSql(StoreNames names) {
    variants = new NamedSql.Variants<>(names, shape -> template(names, shape));
  }

  /** For whom a statement makes changes, and in which transaction. */
  public enum Use {
    /** For one caller, in its transaction. */
    JOINING,
    /** For one caller, in a transaction of its own. */
    INDEPENDENT,
    /**
     * For many callers, in a transaction of its own. It skips changes whose rows somebody else has
     * locked, and fails if another lock is not free soon. The result does not tell skipped changes
     * from those that could be made by now.
     */
    SHARED
  }

  /** Which parts a statement has. */
  private record Shape(
      boolean updates,
      boolean renames,
      boolean revives,
      boolean leases,
      boolean changed,
      boolean added,
      boolean removes,
      boolean created,
      boolean subscribes,
      boolean ends,
      boolean endsAll,
      boolean events,
      boolean errors,
      boolean commands,
      Use use) {

    static Shape of(List<WorkflowChange> changes, Use use) {
      List<Update> updates =
          changes.stream().map(WorkflowChange::update).filter(Objects::nonNull).toList();
      return new Shape(
          !updates.isEmpty(),
          updates.stream().anyMatch(Update::renames),
          updates.stream().anyMatch(Update::revives),
          updates.stream().anyMatch(update -> update.lease() != null),
          any(changes, WorkflowChange::changed),
          any(changes, WorkflowChange::added),
          any(changes, WorkflowChange::removed),
          any(changes, WorkflowChange::created),
          any(changes, WorkflowChange::subscriptions),
          any(changes, WorkflowChange::ended),
          updates.stream().anyMatch(Update::endsAllSubscriptions),
          any(changes, WorkflowChange::events),
          any(changes, WorkflowChange::errors),
          any(changes, WorkflowChange::commands),
          use);
    }

    private static boolean any(
        List<WorkflowChange> changes, Function<WorkflowChange, List<?>> rows) {
      return changes.stream().anyMatch(change -> !rows.apply(change).isEmpty());
    }

    boolean skips() {
      return use == Use.SHARED;
    }

    boolean ending() {
      return ends || endsAll;
    }

    boolean replays() {
      return subscribes || revives;
    }
  }

  /**
   * Returns the statement that makes all changes that are allowed at the time when their rows have
   * been locked. Of these it writes everything, or fails with a unique violation or with {@link
   * Signals#INCOMPLETE}, because another transaction took a key concurrently. No workflow and no
   * key may occur in several of the changes. {@link #read} reads the result.
   */
  public NamedSql statement(List<WorkflowChange> changes, Use use) {
    return variants.of(Shape.of(changes, use));
  }

  private static String template(StoreNames names, Shape shape) {
    StringBuilder text = new StringBuilder();
    if (shape.use != Use.JOINING) {
      text.append(BatchLocks.OWN_SETTINGS)
          .append(shape.skips() ? BatchLocks.LIMIT_WAITS : "")
          .append(";\n");
    }
    if (shape.subscribes) {
      text.append(SubscriptionSql.lockNewTopics(names, RowList.MANY));
    }
    if (shape.updates) {
      text.append(shape.skips() ? BatchLocks.LOCK_OR_SKIP : BatchLocks.LOCK);
    }
    text.append("with updates as materialized (select :updates::bool[] as yes)");
    if (shape.added) {
      text.append(WriteParts.sent(ADDED.batchRows()));
    }
    text.append(taken(shape));
    if (shape.updates) {
      text.append(update(shape));
    }
    text.append(accepted(shape));
    if (shape.leases) {
      text.append(Fence.SETTLED_IN_BATCH);
    }
    writePointers(shape, text);
    if (shape.replays()) {
      text.append(replayed(shape));
    }
    if (shape.events) {
      text.append(WriteParts.published(rows(PUBLISHED)));
    }
    if (shape.commands) {
      text.append(WriteParts.scheduled(rows(COMMANDS)));
    }
    if (shape.errors) {
      text.append(WriteParts.failed(rows(ERRORS)));
    }
    if (shape.ending()) {
      text.append(WriteParts.ended(ending(shape)));
    }
    if (shape.removes) {
      text.append(REMOVED);
    }
    return text.append(result(shape)).toString();
  }

  /** The numbers of the changes for which a key is taken. */
  private static String taken(Shape shape) {
    List<String> taken = new ArrayList<>();
    if (shape.added) {
      taken.add("select a.element from sent a where a.stored_in <> a.workflow_id");
    }
    if (shape.subscribes) {
      taken.add(takenKeys(":s_element", ":s_id", "{event_subscriptions}", "id"));
    }
    if (shape.events) {
      taken.add(takenKeys(":v_element", ":v_id", "{events}", "id"));
    }
    if (shape.created) {
      taken.add(takenKeys(":n_element", ":n_id", "{workflows}", "id"));
      taken.add(takenKeys(":n_element", ":n_name", "{workflows}", "name"));
    }
    if (shape.renames) {
      taken.add(
          """
          select t.element
          from rows from (
            pg_catalog.unnest(:g_element::int4[]), pg_catalog.unnest(:g_id::text[]),
            pg_catalog.unnest(:renamed::text[])) as t(element, id, name)
          where (select pg_catalog.jsonb_object_agg(o.name, o.id) from {workflows} o
            where o.name = any(:renamed::text[])) ->> t.name <> t.id
          """);
    }
    return ", taken as materialized (select array(%s) as elements)\n"
        .formatted(
            taken.isEmpty() ? "select null::int4 where false" : String.join(" union all ", taken));
  }

  private static String takenKeys(String elements, String keys, String table, String column) {
    return """
    select t.element
    from rows from (pg_catalog.unnest(%1$s::int4[]), pg_catalog.unnest(%2$s::text[]))
      as t(element, key)
    where jsonb_exists((
      select pg_catalog.jsonb_object_agg(o.%4$s, 0) from %3$s o
      where o.%4$s = any(%2$s::text[])), t.key)
    """
        .formatted(elements, keys, table, column);
  }

  private static String update(Shape shape) {
    return """
    , target as materialized (select * from %1$s), guard as (
      update {workflows} w set %2$s, last_heartbeat_at = clock_timestamp()
      from target g
      where w.id = g.id
        and (g.revision is null or %3$s = g.revision)
        and g.element <> all ((select elements from taken)::int4[])
        and %4$s%5$s
      returning g.element, w.id, %3$s as revision, w.create_time, w.next_execution,
        g.revives, g.ends_all, g.epoch, g.lease,
        case when g.revision is null then (
          select coalesce(max(p.position), 0::int8) from {execution_pointers} p
          where p.workflow_id = w.id) else 0::int8 end as last_position)
    """
        .formatted(
            BatchRows.UPDATED.batchRows(),
            WorkflowSql.WORKFLOW.without("id").join(WorkflowBatchSql::assignment),
            WorkflowSql.revision("w"),
            Fence.IS_VALID_IN_BATCH,
            shape.skips() ? BatchLocks.IS_NOT_SKIPPED : "");
  }

  private static String assignment(Field<WorkflowInstance, ?> field) {
    String value = "g.%s::%s".formatted(field.name(), field.type().sqlName());
    String assigned =
        switch (field.name()) {
          case "data" -> "case when g.sends_data then %s else w.data end".formatted(value);
          case "next_execution" ->
              "case when g.due_after is null then %s else %s end"
                  .formatted(value, WriteParts.DUE_AFTER.formatted("g.due_after"));
          default -> field.stamped() ? "coalesce(%s, w.%s)".formatted(value, field.name()) : value;
        };
    return field.name() + " = " + assigned;
  }

  /**
   * Arrays with an entry for each change: whether it is made, and the last stored position of its
   * workflow if the statement had to find it.
   */
  private static String accepted(Shape shape) {
    return """
    , accepted as materialized (
      select pg_catalog.array_agg(
          case when e.updates then jsonb_exists(g.positions, e.element::text) is true
            else e.element <> all ((select elements from taken)::int4[]) end
          order by e.element) as yes,
        pg_catalog.array_agg(coalesce((g.positions ->> e.element::text)::int8, 0::int8) order by e.element) as last
      from rows from (pg_catalog.unnest((select yes from updates))) with ordinality
        as e(updates, element)
        cross join (%s) as g)
    """
        .formatted(
            shape.updates
                ? "select pg_catalog.jsonb_object_agg(element, last_position) as positions from guard"
                : "select null::jsonb as positions");
  }

  /** Whether the change of a row is made. */
  private static String accepted(String alias) {
    return "(select yes from accepted)[%s.element]".formatted(alias);
  }

  /** Writes the pointers, and the created workflows that some of them belong to. */
  private static void writePointers(Shape shape, StringBuilder text) {
    if (shape.created) {
      text.append(WriteParts.created(rows(CREATED)));
    }
    if (shape.added) {
      String position = WriteParts.position("(select last from accepted)[a.element]");
      text.append(
          WriteParts.pointers(
              "added",
              ADDED.columns(Map.of("position", position)),
              added("a.stored_in is null"),
              WriteParts.OR_NOTHING));
      text.append(
          WriteParts.pointers(
              "found",
              ADDED.columns(Map.of("position", "0::int8")),
              added("a.stored_in = a.workflow_id"),
              WriteParts.OR_UPDATE));
    }
    if (shape.changed) {
      text.append(
          WriteParts.pointers("changed", CHANGED.columns(), rows(CHANGED), WriteParts.OR_UPDATE));
    }
  }

  private static String rows(RowList<?> list) {
    return list.batchRows() + " where " + accepted(list.alias());
  }

  private static String added(String which) {
    return "sent a where %s and %s".formatted(accepted("a"), which);
  }

  private static String replayed(Shape shape) {
    List<String> given = new ArrayList<>();
    if (shape.subscribes) {
      given.add(WriteParts.newSubscriptions(", s.element", rows(SUBSCRIBED)));
    }
    if (shape.revives) {
      given.add(
          WriteParts.existingSubscriptions(
              ", guard.element", shape.ends, " and guard.revives and not guard.ends_all"));
    }
    return WriteParts.replayed(
        given, ReplaySql.coveredInBatch("given s"), shape.subscribes, shape.revives, "given s");
  }

  private static String ending(Shape shape) {
    List<String> ids = new ArrayList<>();
    if (shape.ends) {
      ids.add(
          "select s.id from {event_subscriptions} s join %s on s.id = x.id"
                  .formatted(BatchRows.ENDINGS.batchRows())
              + " and s.workflow_id = x.workflow_id where "
              + accepted("x"));
    }
    if (shape.endsAll) {
      ids.add(
          """
          select s.id from {event_subscriptions} s
          where s.workflow_id = any(array(select id from guard where ends_all))
          """);
    }
    return String.join(" union all ", ids);
  }

  /**
   * The rows of the result: first the checks and the ids of errors, then a row for each workflow
   * that was updated, for each that was created, for each change that was refused, and for each
   * change that replayed events.
   */
  private static String result(Shape shape) {
    List<String> rows = new ArrayList<>();
    List<String> checks = checks(shape);
    rows.add(
        """
        select 'checks' as kind, 0 as element, null::text as id, null::text as revision,
          null::timestamptz as create_time, null::int8 as next_execution,
          null::int8 as last_position, null::bool as flag, null::text[] as ids,
          %s as numbers, %s as checks
        """
            .formatted(
                shape.errors ? "array(select id::int8 from failed order by id)" : "null::int8[]",
                checks.isEmpty() ? "0" : String.join(" + ", checks)));
    if (shape.updates) {
      rows.add(
          """
          select 'written', element, id, revision, create_time, next_execution, last_position,
            null, null, null, 0
          from guard
          """);
      rows.add(
          """
          select 'refused', g.element, g.id,
            (select %s from {workflows} w where w.id = g.id), null, null, null, %s, null, null, 0
          from target g where not %s
          """
              .formatted(WorkflowSql.revision("w"), Fence.IS_VALID_IN_BATCH, accepted("g")));
    }
    if (shape.created) {
      rows.add(
          "select 'created', 0, id, revision, create_time, null, null, null, null, null, 0"
              + " from created");
    }
    if (shape.replays()) {
      rows.add(
          """
          select 'replayed', r.element, null, null, null, null, null,
            count(*) > %1$s::int8 or r.element = any(array(select element from pending)),
            (pg_catalog.array_agg(r.id order by r.event_time, r.id))[:%1$s], null, 0
          from (
            select distinct c.element, c.id, c.event_time from covered c
            where jsonb_exists(
              (select pg_catalog.jsonb_object_agg(id, 0) from revived), c.id)) r
          group by r.element
          """
              .formatted(Integer.toString(PersistedWorkflow.MAX_EVENT_IDS)));
    }
    return String.join(" union all ", rows);
  }

  /**
   * The expressions that make the whole statement fail unless everything was written, in the order
   * in which the parts have to be executed.
   */
  private static List<String> checks(Shape shape) {
    List<String> checks = new ArrayList<>();
    if (shape.leases) {
      checks.add(
          Signals.failUnless(
              "(select count(*) from kept) + (select count(*) from released)"
                  + " = (select count(*) from guard where epoch is not null)",
              Signals.INCOMPLETE));
    }
    Counts written = new Counts();
    written.addIf(shape.created, CREATED, "created");
    written.addIf(shape.added, ADDED, "added", "found");
    written.addIf(shape.changed, CHANGED, "changed");
    written.check(checks);
    if (shape.updates || shape.subscribes) {
      checks.add(Signals.REQUIRE_MARKED_TRANSACTION);
    }
    if (shape.replays()) {
      checks.add("(select count(*) from revived)");
      checks.add(ReplaySql.REQUIRE_REVIVED);
    }
    Counts stored = new Counts();
    stored.addIf(shape.events, PUBLISHED, "published");
    stored.addIf(shape.commands, COMMANDS, "moved", "scheduled");
    stored.addIf(shape.errors, ERRORS, "failed");
    stored.check(checks);
    if (shape.ending()) {
      checks.add(WriteParts.REQUIRE_ENDED);
    }
    if (shape.removes) {
      checks.add(Signals.failUnless(ARE_REMOVED, Signals.INCOMPLETE));
    }
    return checks;
  }

  /**
   * Compares the number of rows that some parts wrote with the number that was sent.
   *
   * @param parts the names of the parts
   * @param sent expressions for the numbers of their rows
   */
  private record Counts(List<String> parts, List<String> sent) {
    Counts() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void addIf(boolean used, RowList<?> list, String... writtenBy) {
      if (used) {
        parts.addAll(List.of(writtenBy));
        sent.add(
            "(select count(*) from pg_catalog.unnest(%s) as x(element) where %s)"
                .formatted(list.elements(), accepted("x")));
      }
    }

    void check(List<String> checks) {
      if (!parts.isEmpty()) {
        checks.add(WriteParts.requireWritten(parts, String.join(" + ", sent)));
      }
    }
  }

  /** Sets the parameters of {@link #statement}. */
  public void bind(Parameters parameters, List<WorkflowChange> changes) throws SQLException {
    new BatchRows(changes).bind(parameters);
  }

  /** Reads the result of {@link #statement}: the outcome of each change. */
  public List<Outcome> read(ResultSet rows, List<WorkflowChange> changes) throws SQLException {
    return BatchResult.read(rows, changes);
  }

  /**
   * What a batch did with one change: made it, or refused it. Immutable.
   *
   * @param written what was written; null if it was refused
   * @param revision if it was refused, the revision of the stored workflow; null if there is none
   *     or nothing was to be updated
   * @param leased if it was refused, whether its lease is valid or it needs none
   */
  public record Outcome(@Nullable Written written, @Nullable String revision, boolean leased) {
    static final Outcome UNKNOWN = new Outcome(null, null, true);
  }
}
