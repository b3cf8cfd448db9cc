package dev.wfe.postgres.internal.repository;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.sql.MaintenanceSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.util.List;

/** Execution errors, and the store as a whole. Thread-safe. */
public final class MaintenanceRepository {
  private final TransactionScope scope;
  private final MaintenanceSql sql;

  /** Over the transactions. */
  public MaintenanceRepository(TransactionScope scope, MaintenanceSql sql) {
    this.scope = scope;
    this.sql = sql;
  }

  /** Stores the errors, all or nothing. */
  public void persistErrors(List<ExecutionError> errors) {
    ValueLimits.checkErrors(errors);
    if (errors.isEmpty()) {
      return;
    }
    int written =
        scope.run(
            Operation.writing(
                "persistErrors",
                errors.stream().map(ExecutionError::workflowId).distinct().toList()),
            statements ->
                statements.update(
                    sql.insertErrors(errors.size()),
                    parameters -> MaintenanceSql.NEW.bind(parameters, errors)));
    if (written != errors.size()) {
      throw new StoreFailureException(
          "persistErrors: %s of %s errors were written".formatted(written, errors.size()),
          List.of(),
          null);
    }
  }

  /** Empties every table, counters included. */
  public void truncateAll() {
    scope.run(
        Operation.repeatable("truncateAll", List.of()),
        statements -> statements.update(sql.truncateAll, parameters -> {}));
  }
}
