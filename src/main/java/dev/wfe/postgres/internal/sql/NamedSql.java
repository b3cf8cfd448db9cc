package dev.wfe.postgres.internal.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement written with {@code {table}} names and {@code :parameters}, ready for one store's
 * names. Several statements separated by semicolons travel in one round trip and one transaction,
 * of which each sees what was committed before it began; the last one gives the result.
 *
 * <p>Thread-safe.
 */
public final class NamedSql {
  private static final Pattern NAME =
      Pattern.compile("\\{(?<table>\\w+)}|(?<!:):(?<parameter>[a-zA-Z]\\w*)");

  private static final String SAVEPOINT = "savepoint wfe_claim";
  private static final String RELEASE = "release savepoint wfe_claim";
  private static final String UNDO = "rollback to savepoint wfe_claim; " + RELEASE;

  private final String text;
  private final String fencedText;
  private final Map<String, List<Integer>> positions = new HashMap<>();

  /** Compiles the template. */
  public NamedSql(StoreNames names, String template) {
    Matcher matcher = NAME.matcher(template);
    StringBuilder compiled = new StringBuilder();
    int count = 0;
    while (matcher.find()) {
      String table = matcher.group("table");
      if (table == null) {
        count++;
        positions.computeIfAbsent(matcher.group("parameter"), name -> new ArrayList<>()).add(count);
      }
      matcher.appendReplacement(
          compiled, table == null ? "?" : Matcher.quoteReplacement(names.table(table)));
    }
    text = matcher.appendTail(compiled).toString();
    fencedText = SAVEPOINT + ";\n" + text + ";\n" + RELEASE;
  }

  /** Sets the parameters. */
  @FunctionalInterface
  public interface Binder {
    /** Sets the parameters. */
    void bind(Parameters parameters) throws SQLException;
  }

  /** Runs the statement and reads the rows that the last of it gives. */
  <T> T query(
      Connection connection, Deadlines deadlines, Binder binder, Statements.Reader<T> reader)
      throws SQLException {
    return query(text, connection, deadlines, binder, reader);
  }

  /**
   * As {@link #query}, between two marks in the caller's transaction: whoever fails is to {@link
   * #undo}, and the transaction goes on as if nothing had been tried. In one round trip.
   */
  <T> T fencedQuery(
      Connection connection, Deadlines deadlines, Binder binder, Statements.Reader<T> reader)
      throws SQLException {
    return query(fencedText, connection, deadlines, binder, reader);
  }

  /** Takes the transaction back to where the fenced query began. */
  static void undo(Connection connection, Deadlines deadlines) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      deadlines.within(statement, () -> statement.execute(UNDO));
    }
  }

  private <T> T query(
      String sql,
      Connection connection,
      Deadlines deadlines,
      Binder binder,
      Statements.Reader<T> reader)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      binder.bind(new Parameters(connection, statement, positions));
      boolean rows = deadlines.within(statement, statement::execute);
      Standbys.requireConfirmation(statement);
      ResultSet last = null;
      while (rows || statement.getUpdateCount() >= 0) {
        last = rows ? statement.getResultSet() : last;
        rows = statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
      }
      if (last == null) {
        throw new IllegalStateException("Gives no rows: " + text);
      }
      try (ResultSet result = last) {
        return reader.read(result);
      }
    }
  }

  /** Runs the statement and gives the number of rows it wrote. */
  int update(Connection connection, Deadlines deadlines, Binder binder) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      binder.bind(new Parameters(connection, statement, positions));
      int written = deadlines.within(statement, statement::executeUpdate);
      Standbys.requireConfirmation(statement);
      return written;
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
