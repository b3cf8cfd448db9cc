package dev.wfe.postgres.internal.sql;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.sql.WorkflowChange.Lease;
import dev.wfe.postgres.internal.sql.WorkflowChange.Update;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The query that finds out why a {@link WorkflowChange} was not made. Thread-safe. */
public final class WriteConflictSql {
  private final NamedSql withLease;
  private final NamedSql withoutLease;

  /** Compiles the query for the store. */
  public WriteConflictSql(StoreNames names) {
    withLease = new NamedSql(names, template(Fence.IS_VALID));
    withoutLease = new NamedSql(names, template("true"));
  }

  private static String template(String leased) {
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

  /**
   * No {@code min}, for which the planner may read the whole index in its order. The sub-select
   * hides the keys: if the planner sees that there are none, it may read the whole of any partial
   * index instead of looking up the key.
   */
  private static String firstTaken(String key, String table, String keys, String also) {
    return """
    (select (pg_catalog.array_agg(%1$s order by %1$s))[1] from %2$s
      where %1$s = any((select :%3$s::text[])::text[])%4$s)\
    """
        .formatted(key, table, keys, also);
  }

  /**
   * Returns the query for the change. It returns one row: the revision of the workflow's row (null
   * if there is none), whether the lease is valid, and the first taken key of each kind.
   */
  public NamedSql query(WorkflowChange change) {
    return leaseOf(change) == null ? withoutLease : withLease;
  }

  private static @Nullable Lease leaseOf(WorkflowChange change) {
    return change.update() == null ? null : change.update().lease();
  }

  /** Sets the parameters of {@link #query}. */
  public void bind(Parameters parameters, WorkflowChange change) throws SQLException {
    Update update = change.update();
    Lease lease = leaseOf(change);
    if (lease != null) {
      parameters.text("owner", lease.claim().owner()).bigint("epoch", lease.claim().epoch());
    }
    String id = update == null ? "" : update.instance().id();
    List<String> names =
        new ArrayList<>(WorkflowChange.texts(change.created(), WorkflowInstance::name));
    if (update != null) {
      names.add(update.instance().name());
    }
    parameters
        .text("id", id)
        .texts("created", WorkflowChange.texts(change.created(), WorkflowInstance::id))
        .texts("names", names)
        .texts("pointers", pointerIds(change, id, true))
        .texts("createdPointers", pointerIds(change, id, false))
        .texts("subscriptions", WorkflowChange.texts(change.subscriptions(), EventSubscription::id))
        .texts("events", WorkflowChange.texts(change.events(), Event::id));
  }

  private static List<String> pointerIds(WorkflowChange change, String workflowId, boolean own) {
    return Stream.concat(change.added().stream(), change.changed().stream())
        .filter(pointer -> pointer.workflowId().equals(workflowId) == own)
        .map(PositionedPointer::id)
        .toList();
  }

  /**
   * Reads the row of {@link #query}.
   *
   * @return the reason; empty if there is no conflict any more
   */
  public Optional<StoreException> read(ResultSet row, WorkflowChange change) throws SQLException {
    Update update = change.update();
    if (update != null) {
      Optional<StoreException> refusal =
          update.refusal(row.getString("revision"), row.getBoolean("leased"));
      if (refusal.isPresent()) {
        return refusal;
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
}
