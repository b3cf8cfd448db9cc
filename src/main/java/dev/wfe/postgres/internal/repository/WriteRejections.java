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

/** Tells why a workflow was not written, by one look at what is there now. Thread-safe. */
final class WriteRejections {
  private final WorkflowSql sql;

  WriteRejections(WorkflowSql sql) {
    this.sql = sql;
  }

  /**
   * What is there now: the revision of the row, if there is one, and which other keys are taken.
   */
  private record Found(
      @Nullable String revision,
      boolean nameTaken,
      @Nullable String pointerTaken,
      @Nullable String subscriptionTaken) {}

  /** Why a workflow was not created; empty if nothing is in its way now. */
  Optional<StoreException> ofCreate(StatementExecutor statements, WorkflowChange change)
      throws SQLException {
    WorkflowInstance instance = change.instance();
    Found found = look(statements, change, "");
    return found.revision() != null
        ? Optional.of(new DuplicateException(Subject.WORKFLOW, "id", instance.id()))
        : taken(instance, found);
  }

  /** Why a workflow was not persisted; empty if nothing is in its way now. */
  Optional<StoreException> ofPersist(StatementExecutor statements, WorkflowChange change)
      throws SQLException {
    WorkflowInstance instance = change.instance();
    Found found = look(statements, change, instance.id());
    if (found.revision() == null) {
      return Optional.of(new NotFoundException(Subject.WORKFLOW, instance.id()));
    }
    return change.isStaleAt(found.revision())
        ? Optional.of(new StaleRevisionException(instance.id()))
        : taken(instance, found);
  }

  private static Optional<StoreException> taken(WorkflowInstance instance, Found found) {
    if (found.nameTaken()) {
      return Optional.of(new DuplicateException(Subject.WORKFLOW, "name", instance.name()));
    }
    if (found.pointerTaken() != null) {
      return Optional.of(
          new DuplicateException(Subject.EXECUTION_POINTER, "id", found.pointerTaken()));
    }
    return Optional.ofNullable(found.subscriptionTaken())
        .map(id -> new DuplicateException(Subject.SUBSCRIPTION, "id", id));
  }

  private Found look(StatementExecutor statements, WorkflowChange change, String owner)
      throws SQLException {
    return statements.one(
        sql.explainRefusal,
        parameters ->
            parameters
                .text("id", change.instance().id())
                .text("name", change.instance().name())
                .text("owner", owner)
                .texts("pointers", change.pointerIds())
                .texts("subscriptions", change.subscriptionIds()),
        rows ->
            new Found(
                rows.getString("revision"),
                rows.getBoolean("name_taken"),
                rows.getString("pointer_taken"),
                rows.getString("subscription_taken")));
  }
}
