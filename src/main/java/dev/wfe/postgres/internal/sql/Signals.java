package dev.wfe.postgres.internal.sql;

import java.sql.SQLException;

/**
 * Conditions under which a statement of this library fails on purpose and is rolled back. To raise
 * a signal, the statement reads a setting that does not exist; PostgreSQL's error then names the
 * setting. No trigger, constraint or generated column that others add can cause the same error by
 * accident. Thread-safe.
 */
public final class Signals {
  /** Fewer rows were written than sent. */
  public static final String INCOMPLETE = "wfe_postgres.incomplete";

  /** The lease of the named claim has ended. */
  static final String LEASE_LOST = "wfe_postgres.lease_lost";

  private static final String SPLIT = "wfe_postgres.split";
  private static final String MARK = "wfe_postgres.transaction";
  private static final String UNDEFINED_OBJECT = "42704";

  /**
   * Marks the transaction. Used by the first of several statements that have to run in one
   * transaction.
   */
  static final String MARK_TRANSACTION = "set_config('%s', 'on', true)".formatted(MARK);

  /** Is 1 in a marked transaction; otherwise the statement fails, see {@link #isSplit}. */
  static final String REQUIRE_MARKED_TRANSACTION =
      failUnless("current_setting('%s', true) = 'on'".formatted(MARK), SPLIT);

  private Signals() {}

  /**
   * Returns an expression that is 1 if the condition holds; otherwise the statement fails, see
   * {@link #isRaised}.
   */
  static String failUnless(String condition, String signal) {
    return "case when %s then 1 else current_setting('%s')::int4 end".formatted(condition, signal);
  }

  /** Whether the error was raised by the signal. */
  public static boolean isRaised(SQLException error, String signal) {
    return UNDEFINED_OBJECT.equals(error.getSQLState())
        && String.valueOf(error.getMessage()).contains(signal);
  }

  /** Whether the error says that statements that have to run in one transaction ran in several. */
  static boolean isSplit(SQLException error) {
    return isRaised(error, SPLIT);
  }
}
