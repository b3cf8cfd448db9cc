package dev.wfe.postgres.internal.sql;

import dev.wfe.model.ExecutionError;
import dev.wfe.postgres.internal.mapping.StoreFields;

/** The statements that insert execution errors and empty the store. Thread-safe. */
public final class MaintenanceSql {
  private static final Columns<ExecutionError> ERROR = Columns.of(StoreFields.ERROR);

  /** The rows of new errors. */
  public static final RowList<ExecutionError> NEW = new RowList<>(ERROR, "f");

  private final NamedSql.Variants<Integer> insertErrors;

  /** Empties every table and restarts all sequences and counters. */
  public final NamedSql truncateAll;

  /** Compiles the statements for the store. */
  public MaintenanceSql(StoreNames names) {
    insertErrors =
        new NamedSql.Variants<>(
            names,
            errors ->
                "insert into {execution_errors} (%s) select %s from %s returning id::int8"
                    .formatted(ERROR.names(), NEW.columns(), NEW.rows(errors)));
    truncateAll =
        new NamedSql(
            names,
            """
            truncate {workflows}, {execution_pointers}, {events}, {event_subscriptions},
              {scheduled_commands}, {command_claims}, {execution_errors}, {definition_sequences},
              {workflow_leases}, {event_leases}, {workflow_definitions}, {limit_uses},
              {workflow_hosts}
            restart identity
            """);
  }

  /**
   * Returns the statement that inserts this number of errors, at least one. It returns their ids,
   * in order.
   */
  public NamedSql insertErrors(int errors) {
    return insertErrors.of(RowList.shape(errors));
  }
}
