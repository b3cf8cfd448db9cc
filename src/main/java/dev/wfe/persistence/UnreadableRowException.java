package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row that another program wrote cannot be read: it contains an unknown word, an infinite time,
 * or JSON of the wrong kind or beyond the limits. Not retryable until the row is corrected.
 */
public final class UnreadableRowException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final String table;
  private final String column;

  /**
   * Creates the exception.
   *
   * @param table the table's name
   * @param rowId the row's key
   * @param column the column's name
   * @param problem what is wrong, as in {@code holds the unknown word 'Paused'}
   * @param cause what failed, or null
   */
  public UnreadableRowException(
      String table, String rowId, String column, String problem, @Nullable Throwable cause) {
    super(
        "Row %s of table %s: column %s %s".formatted(Messages.quote(rowId), table, column, problem),
        false,
        List.of(rowId),
        cause);
    this.table = table;
    this.column = column;
  }

  /** The table's name. */
  public String table() {
    return table;
  }

  /** The column's name. */
  public String column() {
    return column;
  }
}
