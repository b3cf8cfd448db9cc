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
 * A statement with named parameters, compiled for the tables of one store. A template contains
 * {@code {table}} names and {@code :parameters}. It may consist of several statements separated by
 * semicolons: these are sent in one round trip and run in one transaction, each sees everything
 * that was committed before it began, and the last one returns the result. Immutable.
 */
public final class NamedSql {
  private static final Pattern NAME =
      Pattern.compile("\\{(?<table>\\w+)}|(?<!:):(?<parameter>[a-zA-Z]\\w*)");

  private final String text;
  private final Map<String, List<Integer>> positions = new HashMap<>();

  /** Compiles a template for the tables of a store. */
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

  /** Returns the parameters of one execution of the statement. */
  public Parameters parameters(Connection connection, PreparedStatement statement) {
    return new Parameters(connection, statement, positions);
  }

  /** Returns the text for the driver. */
  public String text() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }

  /**
   * Statements whose text depends on a shape; each is compiled on first use. Thread-safe.
   *
   * @param <S> the type of the shapes; it has few distinct values
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
