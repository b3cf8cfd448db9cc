package dev.wfe.postgres.internal.sql;

/** The statements on execution errors and on the store as a whole. Thread-safe. */
public final class MaintenanceSql {
  /** What is written of an error. */
  public static final Columns ERROR =
      Columns.none()
          .timestamptz("error_time")
          .text("workflow_id", "execution_pointer_id", "message");

  /** The row alias under which errors are bound. */
  public static final String NEW = "n";

  private final ShapedSql<Integer> insertErrors;

  /** Empties every table and starts the counters anew. */
  public final NamedSql truncateAll;

  /** Compiles the statements for the store. */
  public MaintenanceSql(StoreNames names) {
    insertErrors =
        new ShapedSql<>(
            names,
            errors ->
                "insert into {execution_errors} (%s) select %s from %s"
                    .formatted(ERROR.names(), ERROR.ofRows(NEW), ERROR.rows(NEW, errors)));
    truncateAll =
        new NamedSql(
            names,
            """
            truncate {workflows}, {execution_pointers}, {events}, {event_subscriptions},
              {scheduled_commands}, {command_claims}, {execution_errors}, {definition_sequences}
            restart identity
            """);
  }

  /** Gives the number of errors written: as many as were sent, at least one. */
  public NamedSql insertErrors(int errors) {
    return insertErrors.of(Columns.shape(errors));
  }
}
