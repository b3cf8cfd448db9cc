package dev.wfe.postgres.internal.store;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.ErrorRows;
import dev.wfe.postgres.internal.sql.MaintenanceSql;
import java.util.List;

/** Execution errors, and the store as a whole. Thread-safe. */
public final class MaintenanceStore {
  private final Database database;
  private final MaintenanceSql sql;

  /** Over the database. */
  public MaintenanceStore(Database database, MaintenanceSql sql) {
    this.database = database;
    this.sql = sql;
  }

  /** Stores the errors, all or nothing. */
  public void persistErrors(List<ExecutionError> errors) {
    ValueLimits.checkErrors(errors);
    if (errors.isEmpty()) {
      return;
    }
    int written =
        database.write(
            "persistErrors",
            false,
            errors.stream().map(ExecutionError::workflowId).distinct().toList(),
            statements ->
                statements.update(
                    sql.insertErrors(errors.size()),
                    parameters ->
                        MaintenanceSql.ERROR.bindRows(
                            parameters,
                            MaintenanceSql.NEW,
                            errors.stream().map(ErrorRows::row).toList())));
    if (written != errors.size()) {
      throw new StoreFailureException(
          "persistErrors: %s of %s errors were written".formatted(written, errors.size()),
          List.of(),
          null);
    }
  }

  /** Empties every table, counters included. */
  public void truncateAll() {
    database.write(
        "truncateAll",
        true,
        List.of(),
        statements -> statements.update(sql.truncateAll, parameters -> {}));
  }
}
