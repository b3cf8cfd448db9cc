package dev.wfe.postgres.internal.sql;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.internal.mapping.ColumnType;
import dev.wfe.postgres.internal.mapping.Json;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.sql.WorkflowChange.Update;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of many changes, as the parameters of {@link WorkflowBatchSql}. Rows of one kind are
 * sent together, in the order of their keys, each with the number of its change. Immutable.
 */
final class BatchRows {
  /** The rows to update. */
  static final RowList<Update> UPDATED =
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
  record Owned(String workflowId, String id) {}

  private static final Columns<Owned> OWNED =
      Columns.<Owned>none()
          .with("workflow_id", ColumnType.TEXT, Owned::workflowId)
          .with("id", ColumnType.TEXT, Owned::id);

  /** Pointers to delete. */
  static final RowList<Owned> REMOVALS = new RowList<>(OWNED, "r");

  /** Subscriptions to end. */
  static final RowList<Owned> ENDINGS = new RowList<>(OWNED, "x");

  private final List<WorkflowChange> changes;

  BatchRows(List<WorkflowChange> changes) {
    this.changes = changes;
  }

  /** Sets all parameters of the statement that makes the changes. */
  void bind(Parameters parameters) throws SQLException {
    parameters.array(
        "updates", "bool", changes.stream().map(change -> change.update() != null).toList());
    bindUpdates(parameters);
    List<PositionedPointer> added =
        bind(parameters, WriteParts.ADDED, WorkflowChange::added, PositionedPointer::id);
    if (!added.isEmpty()) {
      parameters.texts("added", WorkflowChange.texts(added, PositionedPointer::id));
    }
    bind(parameters, WriteParts.CHANGED, WorkflowChange::changed, PositionedPointer::id);
    bind(parameters, WriteParts.CREATED, WorkflowChange::created, WorkflowInstance::id);
    bind(parameters, WriteParts.SUBSCRIBED, WorkflowChange::subscriptions, EventSubscription::id);
    bind(parameters, WriteParts.PUBLISHED, WorkflowChange::events, Event::id);
    bind(parameters, WriteParts.ERRORS, WorkflowChange::errors, null);
    bind(parameters, WriteParts.COMMANDS, WorkflowChange::commands, WorkflowChange::key);
    bind(parameters, REMOVALS, change -> owned(change, change.removed()), Owned::id);
    List<Owned> ended =
        bind(parameters, ENDINGS, change -> owned(change, change.ended()), Owned::id);
    if (!ended.isEmpty() && updates().stream().anyMatch(Update::revives)) {
      parameters.texts("ended", WorkflowChange.texts(ended, Owned::id));
    }
  }

  private List<Update> updates() {
    return changes.stream().map(WorkflowChange::update).filter(Objects::nonNull).toList();
  }

  private void bindUpdates(Parameters parameters) throws SQLException {
    List<Update> updates =
        bind(
            parameters,
            UPDATED,
            change -> change.update() == null ? List.of() : List.of(change.update()),
            update -> update.instance().id());
    if (updates.isEmpty()) {
      return;
    }
    parameters.texts("ids", WorkflowChange.texts(updates, update -> update.instance().id()));
    parameters.texts(
        "leased",
        updates.stream()
            .filter(update -> update.lease() != null)
            .map(update -> update.instance().id())
            .toList());
    if (updates.stream().anyMatch(Update::renames)) {
      List<@Nullable String> renamed = new ArrayList<>();
      updates.forEach(update -> renamed.add(update.renames() ? update.instance().name() : null));
      parameters.texts("renamed", renamed);
    }
  }

  private static List<Owned> owned(WorkflowChange change, List<String> ids) {
    Update update = change.update();
    return update == null
        ? List.of()
        : ids.stream().map(id -> new Owned(update.instance().id(), id)).toList();
  }

  private record Row<V>(int element, V value) {}

  /** Binds the rows of one kind, if there are any, and returns them in the order of their keys. */
  private <V> List<V> bind(
      Parameters parameters,
      RowList<V> list,
      Function<WorkflowChange, List<V>> values,
      @Nullable Function<V, String> key)
      throws SQLException {
    List<Row<V>> rows = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      for (V value : values.apply(changes.get(i))) {
        rows.add(new Row<>(i + 1, value));
      }
    }
    if (rows.isEmpty()) {
      return List.of();
    }
    if (key != null) {
      rows.sort((one, other) -> key.apply(one.value()).compareTo(key.apply(other.value())));
    }
    List<V> sorted = rows.stream().map(Row::value).toList();
    list.bindBatch(parameters, rows.stream().map(Row::element).toList(), sorted);
    return sorted;
  }
}
