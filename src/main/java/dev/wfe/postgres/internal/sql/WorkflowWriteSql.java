package dev.wfe.postgres.internal.sql;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.postgres.internal.mapping.ColumnType;
import dev.wfe.postgres.internal.mapping.Field;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.Json;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.sql.WorkflowChange.Lease;
import dev.wfe.postgres.internal.sql.WorkflowChange.Update;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The statement that makes a {@link WorkflowChange}: its text, its parameters and its result. Parts
 * that a change does not need are left out, because they cost server time. The statement that
 * persists a workflow at a known revision, with one new and one changed pointer, is:
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
 * <p>Every part after {@code guard} has an effect only if {@code guard} wrote the workflow's row.
 * In a general write, further parts add rows to other tables, delete subscriptions, and update or
 * delete the lease. A separate statement takes locks first where the main statement has to see what
 * their earlier holders committed.
 *
 * <p>PostgreSQL executes the parts in the order in which they are counted in the result. This order
 * prevents deadlocks. First come the locks on which others wait while they hold nothing that this
 * write may need: topics, workflows, leases. Then rows with new keys are inserted, each kind in the
 * order of the keys. Rows that others may wait for are deleted last; after that the statement waits
 * for nobody.
 *
 * <p>{@link #batch} makes many changes in one statement. Its parts are the same, with all rows in
 * arrays; a column {@code element} tells to which change a row belongs. A change that is not
 * allowed is skipped, and the others are made.
 *
 * <p>Thread-safe.
 */
public final class WorkflowWriteSql {
  private static final Columns<WorkflowInstance> WORKFLOW = WorkflowSql.WORKFLOW;
  private static final Columns<PositionedPointer> POINTER = WorkflowSql.POINTER;

  private static final RowList<PositionedPointer> ADDED = new RowList<>(POINTER, "a");
  private static final RowList<PositionedPointer> CHANGED = new RowList<>(POINTER, "c");
  private static final RowList<WorkflowInstance> CREATED = new RowList<>(WORKFLOW, "n");
  private static final RowList<EventSubscription> SUBSCRIBED = SubscriptionSql.NEW;
  private static final RowList<Event> PUBLISHED = EventSql.NEW;
  private static final RowList<ExecutionError> ERRORS = MaintenanceSql.NEW;
  private static final RowList<ScheduledCommand> COMMANDS = CommandSql.NEW;

  /** The rows to update, in a batch. */
  private static final RowList<Update> UPDATED =
      new RowList<>(
          WorkflowSql.WORKFLOW_WITHOUT_DATA
              .of(Update::instance)
              .with(
                  "data",
                  ColumnType.JSONB,
                  update -> update.sendsData() ? Json.text(update.instance().data()) : null)
              .with("sends_data", ColumnType.BOOLEAN, Update::sendsData)
              .with("revision", ColumnType.TEXT, Update::revision)
              .with("due_after", ColumnType.BIGINT, Update::dueAfterMillis)
              .with("revives", ColumnType.BOOLEAN, Update::revives)
              .with("ends_all", ColumnType.BOOLEAN, Update::endsAllSubscriptions)
              .with(
                  "owner",
                  ColumnType.TEXT,
                  update -> update.lease() == null ? null : update.lease().claim().owner())
              .with(
                  "epoch",
                  ColumnType.BIGINT,
                  update -> update.lease() == null ? null : update.lease().claim().epoch())
              .with(
                  "lease",
                  ColumnType.TEXT,
                  update -> update.lease() == null ? null : update.lease().action().name()),
          "g");

  /**
   * A row that is deleted if it belongs to the workflow.
   *
   * @param workflowId the id of the workflow
   * @param id the id of the row
   */
  private record Owned(String workflowId, String id) {}

  private static final Columns<Owned> OWNED =
      Columns.<Owned>none()
          .with("workflow_id", ColumnType.TEXT, Owned::workflowId)
          .with("id", ColumnType.TEXT, Owned::id);

  /** Pointers to delete, in a batch. */
  private static final RowList<Owned> REMOVALS = new RowList<>(OWNED, "r");

  /** Subscriptions to end, in a batch. */
  private static final RowList<Owned> ENDINGS = new RowList<>(OWNED, "x");

  private static final String LOCK =
      """
      with row as materialized (select from {workflows} where id = :id for no key update)
      select %s, count(*) from row;
      """
          .formatted(Signals.MARK_TRANSACTION);

  private static final String LOCK_BATCH =
      """
      with row as materialized (
        select from {workflows} where id = any(:ids::text[]) order by id for no key update
      ), lease as materialized (
        select from {workflow_leases} where workflow_id = any(:leased::text[])
        order by workflow_id for no key update
      )
      select %s, (select count(*) from row), (select count(*) from lease);
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

  private static final String DUE_AFTER =
      "pg_catalog.floor(extract(epoch from clock_timestamp()) * 1000::numeric)::int8 + %s::int8";

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

  /** The pointers that may be stored already, with the id of the workflow that has them. */
  private static final String SENT =
      """
      , sent as materialized (
        select a.*, (
            select pg_catalog.jsonb_object_agg(p.id, p.workflow_id) from {execution_pointers} p
            where p.id = any(:added::text[])) ->> a.id as stored_in
        from %s)
      """;

  /** The position of the workflow's last stored pointer. */
  private static final String LAST =
      """
      , last as materialized (
        select coalesce(max(position), 0::int8) as position
        from {execution_pointers} where workflow_id = :id)
      """;

  /**
   * The position of an added pointer. A negative one counts from the last stored pointer of the
   * workflow.
   */
  private static final String APPENDED =
      "case when a.position::int8 < 0::int8 then %s - a.position::int8 else a.position::int8 end";

  private static final String HAS_ENDED = "in ('Complete', 'Terminated')";

  private static final String OR_UPDATE =
      """
       on conflict (id) do update set %s,
        position = case when excluded.position = 0::int8 then p.position else excluded.position end
        where p.workflow_id = excluded.workflow_id\
      """
          .formatted(POINTER.without("id", "workflow_id", "position").assignmentsFromExcluded());

  /**
   * A pointer id that another workflow took meanwhile is skipped, and then missing in the count of
   * written rows. {@code do update} would lock that pointer, which can deadlock: its owner, when it
   * removes the pointer, would wait for this transaction, while this transaction waits for a
   * pointer that the owner has just added.
   */
  private static final String OR_NOTHING = " on conflict (id) do nothing";

  private static final String IS_LEASED_BY_CLAIM =
      """
      exists (
        select from {workflow_leases}
        where workflow_id = :id and owner = :owner and epoch = :epoch::int8)\
      """;

  /** Whether the lease of a change in a batch is valid. The lease's row is locked. */
  private static final String IS_LEASED =
      """
      (g.epoch is null or exists (
        select from {workflow_leases} l
        where l.workflow_id = g.id and l.owner = g.owner and l.epoch = g.epoch))
      """;

  private static final String BATCH_REMOVED =
      """
      , removed as (
        delete from {execution_pointers} p using %s
          and p.workflow_id = r.workflow_id and p.id = r.id
        returning p.id)
      """
          .formatted(REMOVALS.batchRows() + " where " + accepted("r"));

  private static final String BATCH_ARE_REMOVED =
      """
      not exists (
        select from {execution_pointers} p join %s
          on p.workflow_id = r.workflow_id and p.id = r.id
        where %s
          and jsonb_exists(
            (select pg_catalog.jsonb_object_agg(id, 0) from removed), p.id) is not true)
      """
          .formatted(REMOVALS.batchRows(), accepted("r"));

  private static final String KEEP_LEASE = "update {workflow_leases} l set attempt = 0 from guard";
  private static final String DELETE_LEASE = "delete from {workflow_leases} l using guard";

  private final NamedSql.Variants<Shape> variants;

  /**
   * Finds out why a change was not made. Returns one row: the revision of the workflow's row (null
   * if there is none), whether the lease is valid, and the first taken key of each kind.
   */
  private final NamedSql.Variants<Boolean> conflicts;

  /** Creates the statements for the store. */
  public WorkflowWriteSql(StoreNames names) {
    variants =
        new NamedSql.Variants<>(
            names, shape -> shape.batch ? batchTemplate(names, shape) : template(names, shape));
    conflicts =
        new NamedSql.Variants<>(
            names, fenced -> conflictTemplate(fenced ? IS_LEASED_BY_CLAIM : "true"));
  }

  private static String conflictTemplate(String leased) {
    return """
    select
      (select %s from {workflows} w where w.id = :id) as revision, %s as leased,
      %s as id_taken, %s as name_taken, %s as pointer_taken,
      %s as created_pointer_taken, %s as subscription_taken, %s as event_taken
    """
        .formatted(
            WorkflowSql.revision("w"),
            leased,
            firstTaken("id", "{workflows}", "created", ""),
            firstTaken("name", "{workflows}", "names", " and id <> :id"),
            firstTaken("id", "{execution_pointers}", "pointers", " and workflow_id <> :id"),
            firstTaken("id", "{execution_pointers}", "createdPointers", ""),
            firstTaken("id", "{event_subscriptions}", "subscriptions", ""),
            firstTaken("id", "{events}", "events", ""));
  }

  /** No {@code min}, for which the planner may read the whole index in its order. */
  private static String firstTaken(String key, String table, String keys, String also) {
    return """
    (select (pg_catalog.array_agg(%1$s order by %1$s))[1] from %2$s
      where %1$s = any(:%3$s::text[])%4$s)\
    """
        .formatted(key, table, keys, also);
  }

  /** How the workflow's row is written. */
  private enum Guard {
    INSERT,
    INSERT_OR_FAIL,
    UPDATE,
    NONE
  }

  /**
   * Which parts a statement has. Numbers of rows stand for all numbers with the same text; in a
   * batch, any number is 1.
   */
  private record Shape(
      boolean batch,
      Guard guard,
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

    static Shape of(WorkflowChange change, boolean orFail) {
      Update update = change.update();
      if (update == null) {
        Guard guard = orFail ? Guard.INSERT_OR_FAIL : Guard.INSERT;
        return new Shape(
            false,
            guard,
            false,
            false,
            false,
            true,
            false,
            false,
            null,
            0,
            RowList.shape(change.added().size()),
            false,
            false,
            0,
            0,
            false,
            false,
            0,
            0,
            0);
      }
      return new Shape(
          false,
          Guard.UPDATE,
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
      return guard == Guard.UPDATE && (!guarded || revives || batch);
    }

    /** Whether ended workflows may be revived whose subscriptions replay events. */
    boolean revivesSubscriptions() {
      return revives && (batch || !endsAll);
    }

    boolean replays() {
      return subscribes() || revivesSubscriptions();
    }

    /** Whether new pointers are appended to pointers that only the database knows. */
    boolean appends() {
      return guard == Guard.UPDATE && !batch && !guarded && !replaces && added > 0;
    }
  }

  /**
   * Returns the statement for the change. It returns one row, see {@link #read}, if the change was
   * made; no row if the workflow does not exist, is not at the given revision, or a key is taken.
   * It fails with {@link Signals#LEASE_LOST} if the lease has ended. It fails with {@link
   * Signals#INCOMPLETE} if fewer rows were written than required, because another transaction took
   * a key concurrently or the database suppressed a write.
   *
   * <p>If a workflow is created and a pointer id is taken, it fails with a unique violation: a
   * check in advance costs about 17 % more server time per creation, although pointer ids are
   * generated to be unique.
   */
  public NamedSql statement(WorkflowChange change) {
    return variants.of(Shape.of(change, false));
  }

  /**
   * As {@link #statement}, but a taken id or name of a created workflow also causes a unique
   * violation, which names the constraint.
   */
  public NamedSql statementOrFail(WorkflowChange change) {
    return variants.of(Shape.of(change, true));
  }

  private static String template(StoreNames names, Shape shape) {
    StringBuilder text = new StringBuilder();
    if (shape.subscribes()) {
      text.append(SubscriptionSql.lockNewTopics(names, shape.subscriptions));
    }
    if (shape.locks()) {
      text.append(LOCK);
    }
    text.append(shape.guard == Guard.UPDATE ? update(shape) : insert(shape));
    if (shape.lease != null) {
      text.append(
          """
          , lease as (
            %s where l.workflow_id = guard.id and l.owner = :owner and l.epoch = :epoch::int8
            returning 1)
          """
              .formatted(shape.lease == LeaseAction.KEEP ? KEEP_LEASE : DELETE_LEASE));
    }
    if (shape.appends()) {
      text.append(LAST);
    }
    if (shape.mayBeStored) {
      text.append(SENT.formatted(ADDED.rows(shape.added)));
    }
    parts(shape, text);
    if (shape.removes) {
      text.append(shape.replaces ? ALL_OTHERS_REMOVED : REMOVED);
    }
    text.append(" select revision, create_time");
    if (shape.guard == Guard.UPDATE && !shape.replaces) {
      text.append(shape.delays ? ", next_execution" : "");
      text.append(shape.appends() ? ", (select position from last) as last_position" : "");
    }
    checks(shape).forEach(check -> text.append(", ").append(check));
    return text.append(" from guard").toString();
  }

  private static String insert(Shape shape) {
    return """
    with guard as (
      insert into {workflows} as w (%s, last_heartbeat_at)
      values (%s, clock_timestamp())
      %s
      returning w.id, %s as revision, w.create_time)
    """
        .formatted(
            WORKFLOW.names(),
            WORKFLOW.values(),
            shape.guard == Guard.INSERT_OR_FAIL ? "" : "on conflict do nothing",
            WorkflowSql.revision("w"));
  }

  private static Columns<WorkflowInstance> assigned(boolean sendsData, boolean delays) {
    Columns<WorkflowInstance> sent = sendsData ? WORKFLOW : WorkflowSql.WORKFLOW_WITHOUT_DATA;
    return delays ? sent.without("next_execution") : sent;
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
            shape.delays ? ", next_execution = " + DUE_AFTER.formatted(":dueAfter") : "",
            shape.guarded ? AND_AT_THE_REVISION : "",
            shape.renames ? AND_NAME_IS_FREE : "",
            shape.added > 0 ? AND_POINTERS_ARE_FREE : "",
            shape.subscribes() ? AND_SUBSCRIPTIONS_ARE_FREE : "",
            WorkflowSql.revision("w"),
            shape.delays ? ", w.next_execution" : "");
  }

  /** The parts that a single change and a batch have in common, in any order. */
  private static void parts(Shape shape, StringBuilder text) {
    if (shape.created > 0) {
      text.append(
          """
          , created as (
            insert into {workflows} as w (%s, last_heartbeat_at)
            select %s, clock_timestamp() from %s
            on conflict do nothing
            returning w.id, %s as revision, w.create_time)
          """
              .formatted(
                  CREATED.names(),
                  CREATED.columns(),
                  rows(shape, CREATED, shape.created),
                  WorkflowSql.revision("w")));
    }
    if (shape.added > 0) {
      String last = shape.batch ? "(select last from accepted)[a.element]" : "last.position";
      String position = APPENDED.formatted(last);
      text.append(
          written(
              "added",
              shape.batch || shape.appends()
                  ? ADDED.columns(Map.of("position", position))
                  : ADDED.columns(),
              added(shape, "a.stored_in is null"),
              shape.guard == Guard.UPDATE || shape.batch ? OR_NOTHING : ""));
    }
    if (shape.mayBeStored) {
      text.append(
          written(
              "found",
              shape.replaces ? ADDED.columns() : ADDED.columns(Map.of("position", "0::int8")),
              added(shape, "a.stored_in = a.workflow_id"),
              OR_UPDATE));
    }
    if (shape.changed > 0) {
      text.append(
          written("changed", CHANGED.columns(), rows(shape, CHANGED, shape.changed), OR_UPDATE));
    }
    if (shape.replays()) {
      text.append(replayed(shape));
    }
    if (shape.events > 0) {
      text.append(
          ", published as (insert into {events} (%s) select %s from %s%s returning 1)\n"
              .formatted(
                  PUBLISHED.names(),
                  PUBLISHED.columns(),
                  rows(shape, PUBLISHED, shape.events),
                  OR_NOTHING));
    }
    if (shape.commands > 0) {
      text.append(", ").append(CommandSql.scheduled(rows(shape, COMMANDS, shape.commands)));
    }
    if (shape.errors > 0) {
      text.append(
          ", failed as (insert into {execution_errors} (%s) select %s from %s returning id)\n"
              .formatted(ERRORS.names(), ERRORS.columns(), rows(shape, ERRORS, shape.errors)));
    }
    if (shape.ending()) {
      text.append(
          """
          , ending as materialized (
            select s.id from {event_subscriptions} s
            where s.id = any(array(%s)) order by s.id for update
          ), ended as (
            delete from {event_subscriptions} s where s.id = any(array(select id from ending))
            returning 1)
          """
              .formatted(shape.batch ? batchEnding(shape) : ending(shape)));
    }
  }

  private static String rows(Shape shape, RowList<?> list, int count) {
    return shape.batch
        ? list.batchRows() + " where " + accepted(list.alias())
        : "guard cross join " + list.rows(count);
  }

  /** Returns the rows of {@link #ADDED}; if they may be stored, those with a property. */
  private static String added(Shape shape, String which) {
    if (shape.batch) {
      return "sent a where %s and %s".formatted(accepted("a"), which);
    }
    String rows =
        shape.mayBeStored
            ? "(select * from sent a where %s) as a".formatted(which)
            : ADDED.rows(shape.added);
    return "guard cross join %s%s".formatted(rows, shape.appends() ? " cross join last" : "");
  }

  private static String accepted(String alias) {
    return "(select yes from accepted)[%s.element]".formatted(alias);
  }

  private static String written(String part, String columns, String from, String onConflict) {
    return """
    , %s as (
      insert into {execution_pointers} as p (%s)
      select %s from %s%s
      returning 1)
    """
        .formatted(part, POINTER.names(), columns, from, onConflict);
  }

  private static String ending(Shape shape) {
    return """
    select s.id from guard join {event_subscriptions} s on s.workflow_id = guard.id %s\
    """
        .formatted(shape.endsAll ? "" : "and s.id = any(:ended::text[])");
  }

  /**
   * Stores the new subscriptions, and replays the events of these and of a resumed workflow's
   * existing subscriptions. While a workflow was ended, its subscriptions did not prevent events
   * from being marked processed.
   */
  private static String replayed(Shape shape) {
    String element = shape.batch ? ", %s.element" : "";
    List<String> given = new ArrayList<>();
    if (shape.subscribes()) {
      given.add(
          "select %s, true as is_new%s from %s"
              .formatted(
                  SUBSCRIBED.columns(),
                  element.formatted("s"),
                  shape.batch ? rows(shape, SUBSCRIBED, 1) : SUBSCRIBED.rows(shape.subscriptions)));
    }
    if (shape.revivesSubscriptions()) {
      given.add(
          """
          select %s, false as is_new%s
          from {event_subscriptions} s join guard on s.workflow_id = guard.id
          where (select w.status from {workflows} w where w.id = guard.id) %s%s%s
          """
              .formatted(
                  SubscriptionSql.SUBSCRIPTION.names("s"),
                  element.formatted("guard"),
                  HAS_ENDED,
                  shape.ends ? " and s.id <> all(:ended::text[])" : "",
                  shape.batch ? " and guard.revives and not guard.ends_all" : ""));
    }
    String source = shape.batch ? "given s" : "guard cross join given s";
    return """
    , given as materialized (%s), %s%s, %s%s
    """
        .formatted(
            String.join(" union all ", given),
            shape.batch ? ReplaySql.coveredInBatch(source) : ReplaySql.covered(source),
            shape.subscribes()
                ? ", subscribed as (%s returning 1)".formatted(SubscriptionSql.insert(source))
                : "",
            ReplaySql.revived(
                shape.subscribes() ? "(select count(*) from subscribed) > 0" : "true"),
            shape.revivesSubscriptions() ? ", " + ReplaySql.advanced("not g.is_new") : "");
  }

  /**
   * The columns that make the whole statement fail unless everything was written, in the order in
   * which the parts have to be executed.
   */
  private static List<String> checks(Shape shape) {
    List<String> checks = new ArrayList<>();
    if (shape.lease != null && !shape.batch) {
      checks.add(Signals.failUnless("(select count(*) from lease) = 1::int8", Signals.LEASE_LOST));
    }
    if (shape.lease != null && shape.batch) {
      checks.add(
          Signals.failUnless(
              "(select count(*) from kept) + (select count(*) from released)"
                  + " = (select count(*) from guard where epoch is not null)",
              Signals.INCOMPLETE));
    }
    List<String> written = new ArrayList<>();
    List<String> sent = new ArrayList<>();
    count(shape.created, CREATED, written, sent, "created");
    count(shape.added, ADDED, written, sent, shape.mayBeStored ? "added,found" : "added");
    count(shape.changed, CHANGED, written, sent, "changed");
    requireCount(checks, written, shape.batch ? sent : List.of(":written"));
    if (shape.locks() || shape.subscribes()) {
      checks.add(Signals.REQUIRE_MARKED_TRANSACTION);
    }
    if (shape.replays()) {
      checks.add(shape.batch ? "(select count(*) from revived)" : ReplaySql.REPLAYED);
      checks.add(ReplaySql.REQUIRE_REVIVED);
    }
    List<String> stored = new ArrayList<>();
    List<String> given = new ArrayList<>();
    count(shape.events, PUBLISHED, stored, given, "published");
    count(shape.commands, COMMANDS, stored, given, "moved,scheduled");
    count(shape.errors, ERRORS, stored, given, "failed");
    requireCount(checks, stored, shape.batch ? given : List.of(":stored"));
    if (shape.errors > 0 && !shape.batch) {
      checks.add("array(select id::int8 from failed order by id) as error_ids");
    }
    if (shape.ending()) {
      checks.add(
          Signals.failUnless(
              "(select count(*) from ended) = (select count(*) from ending)", Signals.INCOMPLETE));
    }
    if (shape.removes) {
      checks.add(Signals.failUnless(areRemoved(shape), Signals.INCOMPLETE));
    }
    return checks;
  }

  /** Adds the numbers of rows that the parts wrote, and the number that a batch sent. */
  private static void count(
      int rows, RowList<?> list, List<String> written, List<String> sent, String parts) {
    if (rows > 0) {
      for (String part : parts.split(",", -1)) {
        written.add("(select count(*) from %s)".formatted(part));
      }
      sent.add(
          "(select count(*) from pg_catalog.unnest(%s) as x(element) where %s)"
              .formatted(list.elements(), accepted("x")));
    }
  }

  private static void requireCount(List<String> checks, List<String> written, List<String> sent) {
    if (!written.isEmpty()) {
      checks.add(
          Signals.failUnless(
              String.join(" + ", written) + " = " + String.join(" + ", sent), Signals.INCOMPLETE));
    }
  }

  private static String areRemoved(Shape shape) {
    if (shape.batch) {
      return BATCH_ARE_REMOVED;
    }
    if (!shape.replaces) {
      return ARE_REMOVED;
    }
    return ALL_OTHERS_ARE_REMOVED.formatted(
        shape.added > 0 ? " + (select count(*) from sent where stored_in = :id)" : "");
  }

  /** Sets the parameters of {@link #statement} and {@link #statementOrFail}. */
  public void bind(Parameters parameters, WorkflowChange change) throws SQLException {
    Update update = change.update();
    ADDED.bind(parameters, change.added());
    if (update == null) {
      WORKFLOW.bind(parameters, change.created().get(0));
      if (!change.added().isEmpty()) {
        parameters.bigint("written", (long) change.added().size());
      }
      return;
    }
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
      parameters.texts("added", ids(change.added(), PositionedPointer::id));
    }
    if (!change.subscriptions().isEmpty()) {
      parameters.texts("subscribed", ids(change.subscriptions(), EventSubscription::id));
    }
    if (!change.ended().isEmpty() && !update.endsAllSubscriptions()) {
      parameters.texts("ended", change.ended());
    }
    if (update.replaces()) {
      parameters.texts("kept", ids(change.added(), PositionedPointer::id));
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

  private static <V> List<String> ids(List<V> values, Function<V, String> id) {
    return values.stream().map(id).toList();
  }

  /**
   * What a statement returned about a change that was made. Immutable.
   *
   * @param revision the new revision of the workflow's row
   * @param createTime when the workflow was created
   * @param nextExecution when it is due, if the change says after which delay; else null
   * @param lastPosition the position of its last pointer before the write, if the write appended
   *     pointers without knowing it; else 0
   * @param errorIds the ids of the stored errors
   * @param replayedIds ids of the replayed events
   * @param moreReplayed whether there are more
   */
  public record Written(
      String revision,
      @Nullable Instant createTime,
      @Nullable Long nextExecution,
      long lastPosition,
      List<Long> errorIds,
      List<String> replayedIds,
      boolean moreReplayed) {}

  /** Reads the row of {@link #statement}. */
  public Written read(ResultSet row, WorkflowChange change) throws SQLException {
    Shape shape = Shape.of(change, false);
    return new Written(
        row.getString("revision"),
        Instants.read(row, "create_time"),
        shape.delays ? (Long) row.getLong("next_execution") : null,
        shape.appends() ? row.getLong("last_position") : 0,
        shape.errors > 0 ? longs(row.getArray("error_ids")) : List.of(),
        shape.replays() ? strings(row.getArray("revived_ids")) : List.of(),
        shape.replays() && row.getBoolean("more_revived"));
  }

  /**
   * Returns the statement that makes many changes: all that are allowed at the time when their rows
   * have been locked. Of these it writes everything, or fails with a unique violation or with
   * {@link Signals#INCOMPLETE}, because another transaction took a key concurrently. No workflow
   * and no key may occur in several of the changes. {@link #readBatch} reads the result.
   */
  public NamedSql batch(List<WorkflowChange> changes) {
    return variants.of(batchShape(changes));
  }

  private static Shape batchShape(List<WorkflowChange> changes) {
    List<Update> updates = updates(changes);
    return new Shape(
        true,
        updates.isEmpty() ? Guard.NONE : Guard.UPDATE,
        true,
        false,
        updates.stream().anyMatch(Update::renames),
        true,
        updates.stream().anyMatch(Update::revives),
        true,
        updates.stream().anyMatch(update -> update.lease() != null) ? LeaseAction.KEEP : null,
        any(changes, WorkflowChange::changed),
        any(changes, WorkflowChange::added),
        any(changes, WorkflowChange::added) > 0,
        any(changes, WorkflowChange::removed) > 0,
        any(changes, WorkflowChange::created),
        any(changes, WorkflowChange::subscriptions),
        any(changes, WorkflowChange::ended) > 0,
        updates.stream().anyMatch(Update::endsAllSubscriptions),
        any(changes, WorkflowChange::events),
        any(changes, WorkflowChange::errors),
        any(changes, WorkflowChange::commands));
  }

  private static List<Update> updates(List<WorkflowChange> changes) {
    return changes.stream().map(WorkflowChange::update).filter(Objects::nonNull).toList();
  }

  private static int any(List<WorkflowChange> changes, Function<WorkflowChange, List<?>> rows) {
    return changes.stream().anyMatch(change -> !rows.apply(change).isEmpty()) ? 1 : 0;
  }

  private static String batchTemplate(StoreNames names, Shape shape) {
    StringBuilder text = new StringBuilder();
    if (shape.subscribes()) {
      text.append(SubscriptionSql.lockNewTopics(names, RowList.MANY));
    }
    if (shape.locks()) {
      text.append(LOCK_BATCH);
    }
    text.append("with updates as materialized (select :updates::bool[] as yes)");
    if (shape.mayBeStored) {
      text.append(SENT.formatted(ADDED.batchRows()));
    }
    text.append(taken(shape));
    if (shape.guard == Guard.UPDATE) {
      text.append(batchUpdate());
    }
    text.append(accepted(shape));
    if (shape.lease != null) {
      text.append(
          ", kept as (%s where l.workflow_id = guard.id and guard.lease = 'KEEP' returning 1)\n"
              .formatted(KEEP_LEASE));
      text.append(
          ", released as (%s where l.workflow_id = guard.id and guard.lease = 'RELEASE' returning 1)\n"
              .formatted(DELETE_LEASE));
    }
    parts(shape, text);
    if (shape.removes) {
      text.append(BATCH_REMOVED);
    }
    return text.append(batchResult(shape)).toString();
  }

  /** The numbers of the changes for which a key is taken. */
  private static String taken(Shape shape) {
    List<String> taken = new ArrayList<>();
    if (shape.mayBeStored) {
      taken.add("select a.element from sent a where a.stored_in <> a.workflow_id");
    }
    if (shape.subscribes()) {
      taken.add(takenKeys(":s_element", ":s_id", "{event_subscriptions}", "id"));
    }
    if (shape.events > 0) {
      taken.add(takenKeys(":v_element", ":v_id", "{events}", "id"));
    }
    if (shape.created > 0) {
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

  private static String batchUpdate() {
    return """
    , target as materialized (select * from %1$s), guard as (
      update {workflows} w set %2$s, last_heartbeat_at = clock_timestamp()
      from target g
      where w.id = g.id
        and (g.revision is null or %3$s = g.revision)
        and g.element <> all ((select elements from taken)::int4[])
        and %4$s
      returning g.element, w.id, %3$s as revision, w.create_time, w.next_execution,
        g.revives, g.ends_all, g.epoch, g.lease,
        case when g.revision is null then (
          select coalesce(max(p.position), 0::int8) from {execution_pointers} p
          where p.workflow_id = w.id) else 0::int8 end as last_position)
    """
        .formatted(
            UPDATED.batchRows(),
            WORKFLOW.without("id").join(WorkflowWriteSql::assignment),
            WorkflowSql.revision("w"),
            IS_LEASED);
  }

  private static String assignment(Field<WorkflowInstance, ?> field) {
    String value = "g.%s::%s".formatted(field.name(), field.type().sqlName());
    String assigned =
        switch (field.name()) {
          case "data" -> "case when g.sends_data then %s else w.data end".formatted(value);
          case "next_execution" ->
              "case when g.due_after is null then %s else %s end"
                  .formatted(value, DUE_AFTER.formatted("g.due_after"));
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
            shape.guard == Guard.UPDATE
                ? "select pg_catalog.jsonb_object_agg(element, last_position) as positions from guard"
                : "select null::jsonb as positions");
  }

  private static String batchEnding(Shape shape) {
    List<String> ids = new ArrayList<>();
    if (shape.ends) {
      ids.add(
          "select s.id from {event_subscriptions} s join %s on s.id = x.id"
                  .formatted(ENDINGS.batchRows())
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
  private static String batchResult(Shape shape) {
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
                shape.errors > 0
                    ? "array(select id::int8 from failed order by id)"
                    : "null::int8[]",
                checks.isEmpty() ? "0" : String.join(" + ", checks)));
    if (shape.guard == Guard.UPDATE) {
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
              .formatted(WorkflowSql.revision("w"), IS_LEASED, accepted("g")));
    }
    if (shape.created > 0) {
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

  /** Sets the parameters of {@link #batch}. */
  public void bindBatch(Parameters parameters, List<WorkflowChange> changes) throws SQLException {
    Shape shape = batchShape(changes);
    parameters.array(
        "updates", "bool", changes.stream().map(change -> change.update() != null).toList());
    BatchBinder binder = new BatchBinder(parameters, changes);
    binder.bind(ADDED, shape.added > 0, WorkflowChange::added, PositionedPointer::id);
    binder.bind(CHANGED, shape.changed > 0, WorkflowChange::changed, PositionedPointer::id);
    binder.bind(CREATED, shape.created > 0, WorkflowChange::created, WorkflowInstance::id);
    binder.bind(
        SUBSCRIBED, shape.subscribes(), WorkflowChange::subscriptions, EventSubscription::id);
    binder.bind(PUBLISHED, shape.events > 0, WorkflowChange::events, Event::id);
    binder.bind(ERRORS, shape.errors > 0, WorkflowChange::errors, null);
    binder.bind(COMMANDS, shape.commands > 0, WorkflowChange::commands, WorkflowChange::key);
    binder.bind(REMOVALS, shape.removes, change -> owned(change, change.removed()), Owned::id);
    binder.bind(ENDINGS, shape.ends, change -> owned(change, change.ended()), Owned::id);
    if (shape.guard == Guard.UPDATE) {
      bindUpdates(parameters, binder, shape);
    }
    if (shape.added > 0) {
      parameters.texts(
          "added",
          changes.stream()
              .flatMap(change -> change.added().stream())
              .map(PositionedPointer::id)
              .toList());
    }
    if (shape.revives && shape.ends) {
      parameters.texts(
          "ended", changes.stream().flatMap(change -> change.ended().stream()).toList());
    }
  }

  private static List<Owned> owned(WorkflowChange change, List<String> ids) {
    Update update = change.update();
    return update == null
        ? List.of()
        : ids.stream().map(id -> new Owned(update.instance().id(), id)).toList();
  }

  private static void bindUpdates(Parameters parameters, BatchBinder binder, Shape shape)
      throws SQLException {
    List<Update> updates =
        binder.bind(
            UPDATED,
            true,
            change -> change.update() == null ? List.of() : List.of(change.update()),
            update -> update.instance().id());
    parameters.texts("ids", ids(updates, update -> update.instance().id()));
    parameters.texts(
        "leased",
        updates.stream()
            .filter(update -> update.lease() != null)
            .map(update -> update.instance().id())
            .toList());
    if (shape.renames) {
      List<@Nullable String> renamed = new ArrayList<>();
      updates.forEach(update -> renamed.add(update.renames() ? update.instance().name() : null));
      parameters.texts("renamed", renamed);
    }
  }

  /** Binds the rows of all changes of a batch. */
  private record BatchBinder(Parameters parameters, List<WorkflowChange> changes) {
    private record Row<V>(int element, V value) {}

    /** Binds the rows of all changes, in the order of their keys, and returns them. */
    <V> List<V> bind(
        RowList<V> list,
        boolean used,
        Function<WorkflowChange, List<V>> values,
        @Nullable Function<V, String> key)
        throws SQLException {
      if (!used) {
        return List.of();
      }
      List<Row<V>> rows = new ArrayList<>();
      for (int i = 0; i < changes.size(); i++) {
        for (V value : values.apply(changes.get(i))) {
          rows.add(new Row<>(i + 1, value));
        }
      }
      if (key != null) {
        rows.sort((one, other) -> key.apply(one.value()).compareTo(key.apply(other.value())));
      }
      List<V> sorted = rows.stream().map(Row::value).toList();
      list.bindBatch(parameters, rows.stream().map(Row::element).toList(), sorted);
      return sorted;
    }
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
    private static final Outcome UNKNOWN = new Outcome(null, null, true);
  }

  /** Reads the result of {@link #batch}: the outcome of each change. */
  public List<Outcome> readBatch(ResultSet rows, List<WorkflowChange> changes) throws SQLException {
    Map<String, Integer> elementsOfCreated = new HashMap<>();
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i).update() == null) {
        elementsOfCreated.put(changes.get(i).created().get(0).id(), i + 1);
      }
    }
    Outcome[] outcomes = new Outcome[changes.size() + 1];
    Arrays.fill(outcomes, Outcome.UNKNOWN);
    List<Long> errorIds = List.of();
    Map<Integer, List<String>> replayed = new HashMap<>();
    Map<Integer, Boolean> more = new HashMap<>();
    while (rows.next()) {
      String kind = rows.getString("kind");
      int element = rows.getInt("element");
      switch (kind) {
        case "checks" -> {
          Array numbers = rows.getArray("numbers");
          errorIds = numbers == null ? List.of() : longs(numbers);
        }
        case "written" -> outcomes[element] = new Outcome(readWritten(rows), null, true);
        case "created" -> {
          Integer of = elementsOfCreated.get(rows.getString("id"));
          if (of != null) {
            outcomes[of] = new Outcome(readWritten(rows), null, true);
          }
        }
        case "refused" ->
            outcomes[element] =
                new Outcome(null, rows.getString("revision"), rows.getBoolean("flag"));
        default -> {
          replayed.put(element, strings(rows.getArray("ids")));
          more.put(element, rows.getBoolean("flag"));
        }
      }
    }
    int nextError = 0;
    List<Outcome> completed = new ArrayList<>();
    for (int element = 1; element <= changes.size(); element++) {
      Written written = outcomes[element].written();
      if (written == null) {
        completed.add(outcomes[element]);
        continue;
      }
      int errors = changes.get(element - 1).errors().size();
      completed.add(
          new Outcome(
              new Written(
                  written.revision(),
                  written.createTime(),
                  written.nextExecution(),
                  written.lastPosition(),
                  errorIds.subList(nextError, nextError + errors),
                  replayed.getOrDefault(element, List.of()),
                  more.getOrDefault(element, false)),
              null,
              true));
      nextError += errors;
    }
    return completed;
  }

  private static Written readWritten(ResultSet row) throws SQLException {
    long nextExecution = row.getLong("next_execution");
    boolean scheduled = !row.wasNull();
    return new Written(
        row.getString("revision"),
        Instants.read(row, "create_time"),
        scheduled ? (Long) nextExecution : null,
        row.getLong("last_position"),
        List.of(),
        List.of(),
        false);
  }

  /** Finds out why a change was not made. */
  public NamedSql conflict(WorkflowChange change) {
    return conflicts.of(leaseOf(change) != null);
  }

  private static @Nullable Lease leaseOf(WorkflowChange change) {
    return change.update() == null ? null : change.update().lease();
  }

  /** Sets the parameters of {@link #conflict}. */
  public void bindConflict(Parameters parameters, WorkflowChange change) throws SQLException {
    Update update = change.update();
    Lease lease = leaseOf(change);
    if (lease != null) {
      parameters.text("owner", lease.claim().owner()).bigint("epoch", lease.claim().epoch());
    }
    String id = update == null ? "" : update.instance().id();
    List<String> names = new ArrayList<>(ids(change.created(), WorkflowInstance::name));
    if (update != null) {
      names.add(update.instance().name());
    }
    parameters
        .text("id", id)
        .texts("created", ids(change.created(), WorkflowInstance::id))
        .texts("names", names)
        .texts("pointers", pointerIds(change, id, true))
        .texts("createdPointers", pointerIds(change, id, false))
        .texts("subscriptions", ids(change.subscriptions(), EventSubscription::id))
        .texts("events", ids(change.events(), Event::id));
  }

  private static List<String> pointerIds(WorkflowChange change, String workflowId, boolean own) {
    return Stream.concat(change.added().stream(), change.changed().stream())
        .filter(pointer -> pointer.workflowId().equals(workflowId) == own)
        .map(PositionedPointer::id)
        .toList();
  }

  /**
   * Reads the row of {@link #conflict}.
   *
   * @return the reason; empty if there is no conflict any more
   */
  public Optional<StoreException> readConflict(ResultSet row, WorkflowChange change)
      throws SQLException {
    Update update = change.update();
    if (update != null) {
      String id = update.instance().id();
      String revision = row.getString("revision");
      if (revision == null) {
        return Optional.of(new NotFoundException(Subject.WORKFLOW, id));
      }
      if (update.lease() != null && !row.getBoolean("leased")) {
        return Optional.of(new LeaseLostException(update.lease().claim()));
      }
      if (update.isGuarded() && !revision.equals(update.revision())) {
        return Optional.of(new StaleRevisionException(id));
      }
    }
    return Stream.of(
            duplicate(row, "id_taken", Subject.WORKFLOW, "id"),
            duplicate(row, "name_taken", Subject.WORKFLOW, "name"),
            duplicate(row, "pointer_taken", Subject.EXECUTION_POINTER, "id"),
            duplicate(row, "created_pointer_taken", Subject.EXECUTION_POINTER, "id"),
            duplicate(row, "subscription_taken", Subject.SUBSCRIPTION, "id"),
            duplicate(row, "event_taken", Subject.EVENT, "id"))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<StoreException> duplicate(
      ResultSet row, String column, Subject subject, String field) throws SQLException {
    return Optional.ofNullable(row.getString(column))
        .map(value -> new DuplicateException(subject, field, value));
  }

  private static List<Long> longs(Array array) throws SQLException {
    return List.of((Long[]) array.getArray());
  }

  private static List<String> strings(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }
}
