package dev.wfe.postgres.internal.sql;

import static dev.wfe.postgres.internal.sql.WriteParts.ADDED;
import static dev.wfe.postgres.internal.sql.WriteParts.CHANGED;
import static dev.wfe.postgres.internal.sql.WriteParts.COMMANDS;
import static dev.wfe.postgres.internal.sql.WriteParts.CREATED;
import static dev.wfe.postgres.internal.sql.WriteParts.ERRORS;
import static dev.wfe.postgres.internal.sql.WriteParts.PUBLISHED;
import static dev.wfe.postgres.internal.sql.WriteParts.SUBSCRIBED;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.sql.WorkflowChange.Update;
import dev.wfe.postgres.internal.sql.WorkflowChange.Written;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The statement that makes a {@link WorkflowChange} that updates a workflow: its text, its
 * parameters and its result. Parts that a change does not need are left out, because they cost
 * server time. The statement that persists a workflow at a known revision, with one new and one
 * changed pointer, is:
 *
 * <pre>{@code
 * with guard as (
 *   update workflows w set name = :name, …, last_heartbeat_at = clock_timestamp()
 *   where w.id = :id and <revision of w> = :revision
 *     and not exists (select from execution_pointers p
 *       where p.id = any(:added) and p.workflow_id <> :id)
 *   returning w.id, <revision of w> as revision, w.create_time)
 * , added as (
 *   insert into execution_pointers as p (id, workflow_id, position, …)
 *   select a.id, … from guard cross join (values (:a_id_0, …)) as a(id, …)
 *   on conflict (id) do nothing returning 1)
 * , changed as (
 *   insert into execution_pointers as p (id, …)
 *   select c.id, … from guard cross join (values (:c_id_0, …)) as c(id, …)
 *   on conflict (id) do update set … where p.workflow_id = excluded.workflow_id returning 1)
 * select revision, create_time,
 *   case when (select count(*) from added) + (select count(*) from changed) = :written
 *     then 1 else <fail> end
 * from guard
 * }</pre>
 *
 * <p>Without a new pointer, {@code added} and {@code not exists} are absent. The data is set only
 * if it differs. The revision is {@link WorkflowSql#revision}, and {@code <fail>} is {@link
 * Signals#failUnless}.
 *
 * <p>Every part after {@code guard} has an effect only if {@code guard} wrote the workflow's row.
 * In a general write, further {@link WriteParts} add rows to other tables, delete subscriptions,
 * and update or delete the lease. A separate statement takes locks first where the main statement
 * has to see what their earlier holders committed.
 *
 * <p>Thread-safe.
 */
public final class WorkflowWriteSql {
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
   * Whether no pointer to remove is left. If fewer rows were deleted than requested, this checks
   * whether the others still exist. The ids are looked up in a JSON object, which takes logarithmic
   * time per id.
   */
  private static final String ARE_REMOVED =
      """
      (select count(*) from removed) = pg_catalog.cardinality(:removed::text[])
        or not exists (
          select from {execution_pointers} p
          where p.workflow_id = :id and p.id = any(:removed::text[])
            and jsonb_exists(
              (select pg_catalog.jsonb_object_agg(id, 0) from removed), p.id) is not true)
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

  /** The position of the workflow's last stored pointer. */
  private static final String LAST =
      """
      , last as materialized (
        select coalesce(max(position), 0::int8) as position
        from {execution_pointers} where workflow_id = :id)
      """;

  private final NamedSql.Variants<Shape> variants;

  /** The same with settings of the transaction. */
  private final NamedSql.Variants<Shape> independents;

  /** Creates the statements for the store. */
  public WorkflowWriteSql(StoreNames names) {
    variants = new NamedSql.Variants<>(names, shape -> template(names, shape));
    independents =
        new NamedSql.Variants<>(
            names, shape -> LeaseSql.USE_INDEXES + ";\n" + template(names, shape));
  }

  /** Which parts a statement has. Numbers of rows stand for all numbers with the same text. */
  private record Shape(
      boolean guarded,
      boolean replaces,
      boolean renames,
      boolean sendsData,
      boolean revives,
      boolean delays,
      @Nullable LeaseAction lease,
      int changed,
      int added,
      boolean mayBeStored,
      boolean removes,
      int created,
      int subscriptions,
      boolean ends,
      boolean endsAll,
      int events,
      int errors,
      int commands) {

    static Shape of(WorkflowChange change) {
      Update update = updateOf(change);
      return new Shape(
          update.isGuarded(),
          update.replaces(),
          update.renames(),
          update.sendsData(),
          update.revives(),
          update.dueAfterMillis() != null,
          update.lease() == null ? null : update.lease().action(),
          RowList.shape(change.changed().size()),
          RowList.shape(change.added().size()),
          change.mayBeStored() && !change.added().isEmpty(),
          update.replaces() || !change.removed().isEmpty(),
          RowList.shape(change.created().size()),
          RowList.shape(change.subscriptions().size()),
          !change.ended().isEmpty() && !update.endsAllSubscriptions(),
          update.endsAllSubscriptions(),
          RowList.shape(change.events().size()),
          RowList.shape(change.errors().size()),
          RowList.shape(change.commands().size()));
    }

    boolean subscribes() {
      return subscriptions > 0;
    }

    boolean ending() {
      return ends || endsAll;
    }

    /**
     * Whether a separate statement locks the workflow's row first. The main statement then sees
     * everything that earlier holders of the row lock committed: their pointers, and events that
     * they marked processed.
     */
    boolean locks() {
      return !guarded || revives;
    }

    /** Whether ended workflows may be revived whose subscriptions replay events. */
    boolean revivesSubscriptions() {
      return revives && !endsAll;
    }

    boolean replays() {
      return subscribes() || revivesSubscriptions();
    }

    /** Whether new pointers are appended to pointers that only the database knows. */
    boolean appends() {
      return !guarded && !replaces && added > 0;
    }
  }

  private static Update updateOf(WorkflowChange change) {
    return Objects.requireNonNull(change.update());
  }

  /**
   * Returns the statement for the change. It returns one row, see {@link #read}, if the change was
   * made; no row if the workflow does not exist, is not at the given revision, or a key is taken.
   * It fails with {@link Signals#LEASE_LOST} if the lease has ended. It fails with {@link
   * Signals#INCOMPLETE} if fewer rows were written than required, because another transaction took
   * a key concurrently or the database suppressed a write.
   *
   * @param independent whether it runs in a transaction of its own
   */
  public NamedSql statement(WorkflowChange change, boolean independent) {
    Shape shape = Shape.of(change);
    return (independent && shape.lease != null ? independents : variants).of(shape);
  }

  private static String template(StoreNames names, Shape shape) {
    StringBuilder text = new StringBuilder();
    if (shape.subscribes()) {
      text.append(SubscriptionSql.lockNewTopics(names, shape.subscriptions));
    }
    if (shape.locks()) {
      text.append(LOCK);
    }
    text.append(update(shape));
    if (shape.lease != null) {
      text.append(Fence.settled(shape.lease));
    }
    if (shape.appends()) {
      text.append(LAST);
    }
    writePointers(shape, text);
    if (shape.replays()) {
      text.append(replayed(shape));
    }
    if (shape.events > 0) {
      text.append(WriteParts.published(rows(PUBLISHED, shape.events)));
    }
    if (shape.commands > 0) {
      text.append(WriteParts.scheduled(rows(COMMANDS, shape.commands)));
    }
    if (shape.errors > 0) {
      text.append(WriteParts.failed(rows(ERRORS, shape.errors)));
    }
    if (shape.ending()) {
      text.append(WriteParts.ended(ending(shape)));
    }
    if (shape.removes) {
      text.append(shape.replaces ? ALL_OTHERS_REMOVED : REMOVED);
    }
    text.append(" select revision, create_time");
    if (!shape.replaces) {
      text.append(shape.delays ? ", next_execution" : "");
      text.append(shape.appends() ? ", (select position from last) as last_position" : "");
    }
    checks(shape).forEach(check -> text.append(", ").append(check));
    return text.append(" from guard").toString();
  }

  private static String update(Shape shape) {
    return """
    with guard as (
      update {workflows} w set %s%s, last_heartbeat_at = clock_timestamp()
      where w.id = :id%s%s%s%s
      returning w.id, %s as revision, w.create_time%s)
    """
        .formatted(
            assigned(shape.sendsData, shape.delays).without("id").assignments(),
            shape.delays ? ", next_execution = " + WriteParts.DUE_AFTER.formatted(":dueAfter") : "",
            shape.guarded ? AND_AT_THE_REVISION : "",
            shape.renames ? AND_NAME_IS_FREE : "",
            shape.added > 0 ? AND_POINTERS_ARE_FREE : "",
            shape.subscribes() ? AND_SUBSCRIPTIONS_ARE_FREE : "",
            WorkflowSql.revision("w"),
            shape.delays ? ", w.next_execution" : "");
  }

  private static Columns<WorkflowInstance> assigned(boolean sendsData, boolean delays) {
    Columns<WorkflowInstance> sent =
        sendsData ? WorkflowSql.WORKFLOW : WorkflowSql.WORKFLOW_WITHOUT_DATA;
    return delays ? sent.without("next_execution") : sent;
  }

  /** Writes the pointers, and the created workflows that some of them belong to. */
  private static void writePointers(Shape shape, StringBuilder text) {
    if (shape.mayBeStored) {
      text.append(WriteParts.sent(ADDED.rows(shape.added)));
    }
    if (shape.created > 0) {
      text.append(WriteParts.created(rows(CREATED, shape.created)));
    }
    if (shape.added > 0) {
      String columns =
          shape.appends()
              ? ADDED.columns(Map.of("position", WriteParts.position("last.position")))
              : ADDED.columns();
      text.append(
          WriteParts.pointers(
              "added", columns, added(shape, "a.stored_in is null"), WriteParts.OR_NOTHING));
    }
    if (shape.mayBeStored) {
      String columns =
          shape.replaces ? ADDED.columns() : ADDED.columns(Map.of("position", "0::int8"));
      text.append(
          WriteParts.pointers(
              "found", columns, added(shape, "a.stored_in = a.workflow_id"), WriteParts.OR_UPDATE));
    }
    if (shape.changed > 0) {
      text.append(
          WriteParts.pointers(
              "changed", CHANGED.columns(), rows(CHANGED, shape.changed), WriteParts.OR_UPDATE));
    }
  }

  private static String rows(RowList<?> list, int count) {
    return "guard cross join " + list.rows(count);
  }

  /** Returns the added pointers; if they may be stored, those with a property. */
  private static String added(Shape shape, String which) {
    String rows =
        shape.mayBeStored
            ? "(select * from sent a where %s) as a".formatted(which)
            : ADDED.rows(shape.added);
    return "guard cross join %s%s".formatted(rows, shape.appends() ? " cross join last" : "");
  }

  private static String replayed(Shape shape) {
    List<String> given = new ArrayList<>();
    if (shape.subscribes()) {
      given.add(WriteParts.newSubscriptions("", SUBSCRIBED.rows(shape.subscriptions)));
    }
    if (shape.revivesSubscriptions()) {
      given.add(WriteParts.existingSubscriptions("", shape.ends, ""));
    }
    String source = "guard cross join given s";
    return WriteParts.replayed(
        given, ReplaySql.covered(source), shape.subscribes(), shape.revivesSubscriptions(), source);
  }

  private static String ending(Shape shape) {
    return """
    select s.id from guard join {event_subscriptions} s on s.workflow_id = guard.id %s\
    """
        .formatted(shape.endsAll ? "" : "and s.id = any(:ended::text[])");
  }

  /**
   * The columns that make the whole statement fail unless everything was written, in the order in
   * which the parts have to be executed.
   */
  private static List<String> checks(Shape shape) {
    List<String> checks = new ArrayList<>();
    if (shape.lease != null) {
      checks.add(Signals.failUnless("(select count(*) from lease) = 1::int8", Signals.LEASE_LOST));
    }
    List<String> written = new ArrayList<>();
    addIf(shape.created > 0, written, "created");
    addIf(shape.added > 0, written, "added");
    addIf(shape.mayBeStored, written, "found");
    addIf(shape.changed > 0, written, "changed");
    if (!written.isEmpty()) {
      checks.add(WriteParts.requireWritten(written, ":written"));
    }
    if (shape.locks() || shape.subscribes()) {
      checks.add(Signals.REQUIRE_MARKED_TRANSACTION);
    }
    if (shape.replays()) {
      checks.add(ReplaySql.REPLAYED);
      checks.add(ReplaySql.REQUIRE_REVIVED);
    }
    List<String> stored = new ArrayList<>();
    addIf(shape.events > 0, stored, "published");
    addIf(shape.commands > 0, stored, "moved");
    addIf(shape.commands > 0, stored, "scheduled");
    addIf(shape.errors > 0, stored, "failed");
    if (!stored.isEmpty()) {
      checks.add(WriteParts.requireWritten(stored, ":stored"));
    }
    addIf(shape.errors > 0, checks, "array(select id::int8 from failed order by id) as error_ids");
    addIf(shape.ending(), checks, WriteParts.REQUIRE_ENDED);
    if (shape.removes) {
      checks.add(Signals.failUnless(areRemoved(shape), Signals.INCOMPLETE));
    }
    return checks;
  }

  private static void addIf(boolean condition, List<String> list, String element) {
    if (condition) {
      list.add(element);
    }
  }

  private static String areRemoved(Shape shape) {
    return shape.replaces
        ? ALL_OTHERS_ARE_REMOVED.formatted(
            shape.added > 0 ? " + (select count(*) from sent where stored_in = :id)" : "")
        : ARE_REMOVED;
  }

  /** Sets the parameters of {@link #statement}. */
  public void bind(Parameters parameters, WorkflowChange change) throws SQLException {
    Update update = updateOf(change);
    ADDED.bind(parameters, change.added());
    CHANGED.bind(parameters, change.changed());
    CREATED.bind(parameters, change.created());
    SUBSCRIBED.bind(parameters, change.subscriptions());
    PUBLISHED.bind(parameters, change.events());
    ERRORS.bind(parameters, change.errors());
    COMMANDS.bind(parameters, change.commands());
    Long dueAfter = update.dueAfterMillis();
    assigned(update.sendsData(), dueAfter != null).bind(parameters, update.instance());
    if (dueAfter != null) {
      parameters.bigint("dueAfter", dueAfter);
    }
    if (update.isGuarded()) {
      parameters.text("revision", update.revision());
    }
    if (update.lease() != null) {
      parameters
          .text("owner", update.lease().claim().owner())
          .bigint("epoch", update.lease().claim().epoch());
    }
    if (!change.added().isEmpty()) {
      parameters.texts("added", WorkflowChange.texts(change.added(), PositionedPointer::id));
    }
    if (!change.subscriptions().isEmpty()) {
      parameters.texts(
          "subscribed", WorkflowChange.texts(change.subscriptions(), EventSubscription::id));
    }
    if (!change.ended().isEmpty() && !update.endsAllSubscriptions()) {
      parameters.texts("ended", change.ended());
    }
    if (update.replaces()) {
      parameters.texts("kept", WorkflowChange.texts(change.added(), PositionedPointer::id));
    } else if (!change.removed().isEmpty()) {
      parameters.texts("removed", change.removed());
    }
    int written = change.created().size() + change.added().size() + change.changed().size();
    if (written > 0) {
      parameters.bigint("written", (long) written);
    }
    int stored = change.events().size() + change.commands().size() + change.errors().size();
    if (stored > 0) {
      parameters.bigint("stored", (long) stored);
    }
  }

  /** Reads the row of {@link #statement}. */
  public Written read(ResultSet row, WorkflowChange change) throws SQLException {
    Shape shape = Shape.of(change);
    return new Written(
        row.getString("revision"),
        Instants.read(row, "create_time"),
        shape.delays ? (Long) row.getLong("next_execution") : null,
        shape.appends() ? row.getLong("last_position") : 0,
        shape.errors > 0 ? WriteParts.longs(row.getArray("error_ids")) : List.of(),
        shape.replays() ? WriteParts.strings(row.getArray("revived_ids")) : List.of(),
        shape.replays() && row.getBoolean("more_revived"));
  }
}
