package dev.wfe.postgres.internal.repository;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.postgres.internal.sql.WorkflowSql;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out, with one query, why a workflow was not written. Thread-safe. */
final class WriteRejections {
  private final WorkflowSql sql;

  WriteRejections(WorkflowSql sql) {
    this.sql = sql;
  }

  /**
   * The stored state: the revision of the workflow's row (null if there is none), and which keys
   * are taken by others.
   */
  private record StoredState(
      @Nullable String revision,
      boolean nameTaken,
      @Nullable String pointerTaken,
      @Nullable String subscriptionTaken) {}

  /** Returns why a workflow was not created; empty if there is no conflict any more. */
  Optional<StoreException> ofCreate(StatementExecutor statements, WorkflowChange change)
      throws SQLException {
    WorkflowInstance instance = change.instance();
    StoredState state = readState(statements, change, "");
    return state.revision() != null
        ? Optional.of(new DuplicateException(Subject.WORKFLOW, "id", instance.id()))
        : duplicate(instance, state);
  }

  /** Returns why a workflow was not persisted; empty if there is no conflict any more. */
  Optional<StoreException> ofPersist(StatementExecutor statements, WorkflowChange change)
      throws SQLException {
    WorkflowInstance instance = change.instance();
    StoredState state = readState(statements, change, instance.id());
    if (state.revision() == null) {
      return Optional.of(new NotFoundException(Subject.WORKFLOW, instance.id()));
    }
    return change.isStaleAt(state.revision())
        ? Optional.of(new StaleRevisionException(instance.id()))
        : duplicate(instance, state);
  }

  private static Optional<StoreException> duplicate(WorkflowInstance instance, StoredState state) {
    if (state.nameTaken()) {
      return Optional.of(new DuplicateException(Subject.WORKFLOW, "name", instance.name()));
    }
    if (state.pointerTaken() != null) {
      return Optional.of(
          new DuplicateException(Subject.EXECUTION_POINTER, "id", state.pointerTaken()));
    }
    return Optional.ofNullable(state.subscriptionTaken())
        .map(id -> new DuplicateException(Subject.SUBSCRIPTION, "id", id));
  }

  private StoredState readState(StatementExecutor statements, WorkflowChange change, String owner)
      throws SQLException {
    return statements.one(
        sql.findConflict,
        parameters ->
            parameters
                .text("id", change.instance().id())
                .text("name", change.instance().name())
                .text("owner", owner)
                .texts("pointers", change.pointerIds())
                .texts("subscriptions", change.subscriptionIds()),
        rows ->
            new StoredState(
                rows.getString("revision"),
                rows.getBoolean("name_taken"),
                rows.getString("pointer_taken"),
                rows.getString("subscription_taken")));
  }
}
