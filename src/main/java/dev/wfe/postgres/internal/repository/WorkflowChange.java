package dev.wfe.postgres.internal.repository;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.entity.InstantColumn;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.sql.PersistShape;
import dev.wfe.postgres.internal.sql.SubscriptionSql;
import dev.wfe.postgres.internal.sql.WorkflowSql;
import dev.wfe.postgres.internal.sql.WorkflowWriteSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one write of a workflow sends: everything, or what has changed since the revision. Rows are
 * bound in the order of their ids, because PostgreSQL inserts them in the order in which they are
 * bound. All writers therefore lock unique keys in the same order, and do not deadlock. Immutable.
 */
final class WorkflowChange {
  private final WorkflowInstance instance;
  private final List<EventSubscription> subscriptions;
  private final @Nullable PostgresRevision revision;
  private final PointerChanges pointers;
  private final boolean sendsData;

  /**
   * Computes the change from the stored instance, if its revision is known.
   *
   * @param subscriptions new subscriptions whose ids are set
   */
  WorkflowChange(WorkflowInstance instance, List<EventSubscription> subscriptions) {
    this.instance = instance;
    this.subscriptions = subscriptions;
    this.revision = PostgresRevision.of(instance);
    this.pointers =
        revision == null
            ? PointerChanges.all(instance.executionPointers())
            : PointerChanges.since(revision, instance.executionPointers());
    this.sendsData = revision == null || !Objects.equals(revision.stored().data(), instance.data());
  }

  WorkflowInstance instance() {
    return instance;
  }

  boolean isStaleAt(String stored) {
    return revision != null && !stored.equals(revision.text());
  }

  boolean isGuarded() {
    return revision != null;
  }

  List<String> pointerIds() {
    return instance.executionPointers().stream().map(ExecutionPointer::id).toList();
  }

  List<String> subscriptionIds() {
    return subscriptions.stream().map(EventSubscription::id).toList();
  }

  /** Returns the ids of the workflow and the subscriptions, for error messages. */
  List<String> ids() {
    return subscriptions.isEmpty()
        ? List.of(instance.id())
        : Stream.concat(Stream.of(instance.id()), subscriptionIds().stream()).toList();
  }

  /** Returns the number of pointers that a creation writes. */
  int pointerCount() {
    return pointers.added().size();
  }

  PersistShape shape() {
    return new PersistShape(
        revision != null,
        revision == null || !revision.stored().name().equals(instance.name()),
        sendsData,
        pointers.changed().size(),
        pointers.added().size(),
        revision == null || !pointers.removed().isEmpty(),
        !instance.status().isEnded() && (revision == null || revision.stored().status().isEnded()),
        subscriptions.size());
  }

  /** Sets the parameters of the statement that creates the workflow. */
  void bindCreate(Parameters parameters) throws SQLException {
    WorkflowSql.WORKFLOW.bind(parameters, instance);
    bindPointers(parameters);
  }

  /** Sets the parameters of the statement of {@link #shape}. */
  void bindPersist(Parameters parameters) throws SQLException {
    (sendsData ? WorkflowSql.WORKFLOW : WorkflowSql.WORKFLOW_WITHOUT_DATA)
        .bind(parameters, instance);
    bindPointers(parameters);
    if (!pointers.added().isEmpty()) {
      parameters.texts("added", pointers.added().stream().map(PositionedPointer::id).toList());
    }
    if (revision == null) {
      parameters.texts("kept", pointerIds());
    } else {
      parameters.text("revision", revision.text());
      if (!pointers.removed().isEmpty()) {
        parameters.texts("removed", pointers.removed());
      }
    }
    if (!subscriptions.isEmpty()) {
      parameters.texts("subscribed", subscriptionIds());
      SubscriptionSql.NEW.bind(
          parameters,
          subscriptions.stream().sorted(Comparator.comparing(EventSubscription::id)).toList());
    }
  }

  private void bindPointers(Parameters parameters) throws SQLException {
    WorkflowWriteSql.CHANGED.bind(parameters, inOrderOfIds(pointers.changed()));
    WorkflowWriteSql.ADDED.bind(parameters, inOrderOfIds(pointers.added()));
    int written = pointers.changed().size() + pointers.added().size();
    if (written > 0) {
      parameters.bigint("written", (long) written);
    }
  }

  private static List<PositionedPointer> inOrderOfIds(List<PositionedPointer> pointers) {
    return pointers.size() < 2
        ? pointers
        : pointers.stream().sorted(Comparator.comparing(PositionedPointer::id)).toList();
  }

  /**
   * Returns the instance with the revision from the row, and with the creation time if the database
   * assigned it.
   */
  WorkflowInstance revised(ResultSet row) throws SQLException {
    WorkflowInstance written =
        instance.createTime() == null
            ? instance.toBuilder()
                .createTime(InstantColumn.read(row, row.findColumn("create_time")))
                .build()
            : instance;
    return PostgresRevision.withRevision(written, row.getString("revision"), pointers.positions());
  }
}
