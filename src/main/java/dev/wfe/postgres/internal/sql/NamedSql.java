package dev.wfe.postgres.internal.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a statement, written with {@code {table}} names and {@code :parameters} and compiled
 * for one store's names. Several statements separated by semicolons travel in one round trip and
 * run in one transaction; each sees what was committed before it began, and the last one gives the
 * result. Immutable.
 */
public final class NamedSql {
  private static final Pattern NAME =
      Pattern.compile("\\{(?<table>\\w+)}|(?<!:):(?<parameter>[a-zA-Z]\\w*)");

  private final String text;
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
  }

  /** Sets the parameters. */
  @FunctionalInterface
  public interface Binder {
    /** Sets the parameters. */
    void bind(Parameters parameters) throws SQLException;
  }

  /** The parameters of an execution of the statement. */
  public Parameters parameters(Connection connection, PreparedStatement statement) {
    return new Parameters(connection, statement, positions);
  }

  /** The text as the driver takes it. */
  public String text() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }

  /**
   * Statements whose text depends on what they have to do, each compiled when it is first needed.
   * Thread-safe.
   *
   * @param <S> the shapes, of which there are few
   */
  static final class Variants<S> {
    private final Map<S, NamedSql> compiled = new ConcurrentHashMap<>();
    private final StoreNames names;
    private final Function<S, String> template;

    Variants(StoreNames names, Function<S, String> template) {
      this.names = names;
      this.template = template;
    }

    NamedSql of(S shape) {
      return compiled.computeIfAbsent(shape, key -> new NamedSql(names, template.apply(key)));
    }
  }
}
