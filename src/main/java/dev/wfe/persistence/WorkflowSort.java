package dev.wfe.persistence;

/**
 * How workflows are sorted. Workflows without a value in the column come last, whatever the
 * direction is. Ties are broken by id, in the same direction. Texts are sorted by the database's
 * collation.
 *
 * @param column the column by which they are sorted
 * @param direction the direction
 */
public record WorkflowSort(Column column, SortDirection direction) {
  /** The columns by which workflows can be sorted. */
  public enum Column {
    /** The id. Ids that the store assigned are in the order in which they were assigned. */
    ID,
    /** The name. */
    NAME,
    /** When it was created. */
    CREATE_TIME,
    /** When it ended. */
    COMPLETE_TIME,
    /** When it is due. */
    NEXT_EXECUTION
  }

  /** The most recently created first. */
  public static final WorkflowSort NEWEST_FIRST = descending(Column.CREATE_TIME);

  /**
   * Checks the fields.
   *
   * @throws InvalidValueException if a field is null; not retryable
   */
  public WorkflowSort {
    ValueLimits.nonNull("WorkflowSort", "column", column);
    ValueLimits.nonNull("WorkflowSort", "direction", direction);
  }

  /** By the column, the least or earliest first. */
  public static WorkflowSort ascending(Column column) {
    return new WorkflowSort(column, SortDirection.ASCENDING);
  }

  /** By the column, the greatest or latest first. */
  public static WorkflowSort descending(Column column) {
    return new WorkflowSort(column, SortDirection.DESCENDING);
  }
}
