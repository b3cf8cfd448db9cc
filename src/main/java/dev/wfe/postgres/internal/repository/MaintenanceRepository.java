package dev.wfe.postgres.internal.repository;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.sql.MaintenanceSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.util.List;

/** Stores execution errors and empties the store. Thread-safe. */
public final class MaintenanceRepository {
  private final TransactionScope scope;
  private final MaintenanceSql sql;

  /** Runs its operations in the scope. */
  public MaintenanceRepository(TransactionScope scope, MaintenanceSql sql) {
    this.scope = scope;
    this.sql = sql;
  }

  /** Stores all errors in one statement, so either all or none. Returns their ids, in order. */
  public List<Long> persistErrors(List<ExecutionError> errors) {
    ValueLimits.checkErrors(errors);
    if (errors.isEmpty()) {
      return List.of();
    }
    Operation operation =
        Operation.writing(
            "persistErrors", errors.stream().map(ExecutionError::workflowId).distinct().toList());
    List<Long> ids =
        scope.run(
            operation,
            statements ->
                statements.all(
                    sql.insertErrors(errors.size()),
                    parameters -> MaintenanceSql.NEW.bind(parameters, errors),
                    row -> row.getLong(1)));
    if (ids.size() != errors.size()) {
      throw SqlErrors.suppressed(operation, null);
    }
    return ids;
  }

  /** Empties every table and restarts all sequences and counters. */
  public void truncateAll() {
    scope.run(
        Operation.repeatable("truncateAll", List.of()),
        statements -> statements.update(sql.truncateAll, parameters -> {}));
  }
}
