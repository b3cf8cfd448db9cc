package dev.wfe.postgres.internal.sql;

import java.sql.SQLException;

/**
 * Conditions under which a statement of ours undoes itself, told apart from every failure that
 * triggers, constraints or generated columns of others can raise: the statement asks for a setting
 * that nobody has, and PostgreSQL's error names it.
 */
public final class Signals {
  /** Fewer rows were written than were sent. */
  public static final String INCOMPLETE = "wfe_postgres.incomplete";

  private static final String SPLIT = "wfe_postgres.split";
  private static final String MARK = "wfe_postgres.transaction";
  private static final String UNDEFINED_OBJECT = "42704";

  /**
   * Marks the transaction; for the first of several statements that have to run in one transaction.
   */
  static final String MARK_TRANSACTION = "set_config('%s', 'on', true)".formatted(MARK);

  /** 1 in the transaction that was marked; else the statement fails, see {@link #isSplit}. */
  static final String REQUIRE_MARKED_TRANSACTION =
      oneIf("current_setting('%s', true) = 'on'".formatted(MARK), SPLIT);

  private Signals() {}

  /** 1 if the condition holds; else the statement fails, see {@link #isRaised}. */
  static String oneIf(String condition, String signal) {
    return "case when %s then 1 else current_setting('%s')::int4 end".formatted(condition, signal);
  }

  /** Whether the error is the signal's. */
  public static boolean isRaised(SQLException error, String signal) {
    return UNDEFINED_OBJECT.equals(error.getSQLState())
        && String.valueOf(error.getMessage()).contains(signal);
  }

  /** Whether statements that have to run in one transaction ran in several. */
  static boolean isSplit(SQLException error) {
    return isRaised(error, SPLIT);
  }
}
