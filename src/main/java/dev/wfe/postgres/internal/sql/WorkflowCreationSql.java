package dev.wfe.postgres.internal.sql;

import static dev.wfe.postgres.internal.sql.WriteParts.ADDED;

import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.sql.WorkflowChange.Written;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * The statement that makes a {@link WorkflowChange} without an update: it creates one workflow with
 * its pointers. Its parameters and its result. Thread-safe.
 */
public final class WorkflowCreationSql {
  private final NamedSql.Variants<Shape> variants;

  /** Creates the statements for the store. */
  public WorkflowCreationSql(StoreNames names) {
    variants = new NamedSql.Variants<>(names, WorkflowCreationSql::template);
  }

  private record Shape(boolean orFail, int pointers) {
    static Shape of(boolean orFail, WorkflowChange change) {
      return new Shape(orFail, RowList.shape(change.added().size()));
    }
  }

  /**
   * Returns the statement for the change. It returns one row, see {@link #read}, if the workflow
   * was created; no row if its id or name is taken.
   *
   * <p>If a pointer id is taken, it fails with a unique violation: a check in advance costs about
   * 17 % more server time per creation, although pointer ids are generated to be unique. It fails
   * with {@link Signals#INCOMPLETE} if the database suppressed a write.
   */
  public NamedSql statement(WorkflowChange change) {
    return variants.of(Shape.of(false, change));
  }

  /**
   * As {@link #statement}, but a taken id or name also causes a unique violation, which names the
   * constraint.
   */
  public NamedSql statementOrFail(WorkflowChange change) {
    return variants.of(Shape.of(true, change));
  }

  private static String template(Shape shape) {
    String guard =
        """
        with guard as (
          insert into {workflows} as w (%s, last_heartbeat_at)
          values (%s, clock_timestamp())
          %s
          returning w.id, %s as revision, w.create_time)
        """
            .formatted(
                WorkflowSql.WORKFLOW.names(),
                WorkflowSql.WORKFLOW.values(),
                shape.orFail ? "" : "on conflict do nothing",
                WorkflowSql.revision("w"));
    if (shape.pointers == 0) {
      return guard + " select revision, create_time from guard";
    }
    String from = "guard cross join " + ADDED.rows(shape.pointers);
    return guard
        + WriteParts.pointers("added", ADDED.columns(), from, "")
        + " select revision, create_time, "
        + WriteParts.requireWritten(List.of("added"), ":written")
        + " from guard";
  }

  /** Sets the parameters of {@link #statement} and {@link #statementOrFail}. */
  public void bind(Parameters parameters, WorkflowChange change) throws SQLException {
    WorkflowSql.WORKFLOW.bind(parameters, change.created().get(0));
    ADDED.bind(parameters, change.added());
    if (!change.added().isEmpty()) {
      parameters.bigint("written", (long) change.added().size());
    }
  }

  /** Reads the row of {@link #statement}. */
  public Written read(ResultSet row) throws SQLException {
    return new Written(
        row.getString("revision"),
        Instants.read(row, "create_time"),
        null,
        0,
        List.of(),
        List.of(),
        false);
  }
}
