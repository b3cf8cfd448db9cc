package dev.wfe.postgres.internal.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/** The parameters of one execution of a {@link NamedSql}, set by name. Not thread-safe. */
public final class Parameters {
  private final Connection connection;
  private final PreparedStatement statement;
  private final Map<String, List<Integer>> positions;

  Parameters(
      Connection connection, PreparedStatement statement, Map<String, List<Integer>> positions) {
    this.connection = connection;
    this.statement = statement;
    this.positions = positions;
  }

  /** Sets a text, or the text form of JSON or a timestamp. */
  public Parameters text(String name, @Nullable String value) throws SQLException {
    for (int position : positions(name)) {
      setText(position, value);
    }
    return this;
  }

  /**
   * Sends the value with type {@code text}, whatever the driver's {@code stringtype} is. With
   * untyped parameters the driver first asks the server for the parameter types of each statement,
   * and this ends the transaction between two statements of one execution.
   */
  private void setText(int position, @Nullable String value) throws SQLException {
    PGobject text = new PGobject();
    text.setType("text");
    text.setValue(value);
    statement.setObject(position, text);
  }

  /** Sets a 64-bit integer. */
  public Parameters bigint(String name, @Nullable Long value) throws SQLException {
    for (int position : positions(name)) {
      if (value == null) {
        statement.setNull(position, Types.BIGINT);
      } else {
        statement.setLong(position, value);
      }
    }
    return this;
  }

  /** Sets an array of text. */
  public Parameters texts(String name, Collection<@Nullable String> values) throws SQLException {
    array(name, "text", values);
    return this;
  }

  /** Sets an array of 64-bit integers. */
  public Parameters bigints(String name, Collection<Long> values) throws SQLException {
    array(name, "int8", values);
    return this;
  }

  void value(String name, @Nullable Object value, int sqlType) throws SQLException {
    for (int position : positions(name)) {
      if (sqlType == Types.VARCHAR) {
        setText(position, (String) value);
      } else {
        statement.setObject(position, value, sqlType);
      }
    }
  }

  void array(String name, String elementType, Collection<?> values) throws SQLException {
    for (int position : positions(name)) {
      statement.setArray(
          position, connection.createArrayOf(elementType, elements(elementType, values)));
    }
  }

  /**
   * Returns an array of the element's Java type, so that the driver sends it in binary form. In
   * text form, the session's {@code array_nulls} setting decides how NULL elements are read, and
   * behind a pooling proxy another client may have changed that setting.
   */
  private static Object[] elements(String elementType, Collection<?> values) {
    return switch (elementType) {
      case "text" -> values.toArray(new String[0]);
      case "int8" -> values.toArray(new Long[0]);
      case "int4" -> values.toArray(new Integer[0]);
      case "bool" -> values.toArray(new Boolean[0]);
      default ->
          throw new IllegalArgumentException("Unsupported array element type: " + elementType);
    };
  }

  private List<Integer> positions(String name) {
    List<Integer> found = positions.get(name);
    if (found == null) {
      throw new IllegalArgumentException("The statement has no parameter " + name);
    }
    return found;
  }
}
