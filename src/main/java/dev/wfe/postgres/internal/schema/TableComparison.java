package dev.wfe.postgres.internal.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares a table with its entity and reports each incompatible difference as one line. Not
 * thread-safe.
 */
final class TableComparison {
  /** The column types that are accepted for a type that Hibernate would declare. */
  private static final Map<String, Set<String>> SAME_TYPES =
      Map.of(
          "timestamp(6) with time zone",
          Set.of("timestamp with time zone", "timestamp(6) with time zone"),
          "bigserial",
          Set.of("bigint", "integer"));

  private final ExpectedTable expected;
  private final ActualTable found;
  private final List<String> problems = new ArrayList<>();

  private TableComparison(ExpectedTable expected, ActualTable found) {
    this.expected = expected;
    this.found = found;
  }

  /** Returns the problems of all tables; empty if there are none. */
  static List<String> problems(List<ExpectedTable> expected, Map<String, ActualTable> found) {
    List<String> problems = new ArrayList<>();
    for (ExpectedTable table : expected) {
      ActualTable match = found.get(table.name());
      if (match == null) {
        problems.add("table %s is missing".formatted(table.name()));
      } else {
        problems.addAll(new TableComparison(table, match).compare());
      }
    }
    return problems;
  }

  private List<String> compare() {
    Map<String, ActualTable.Column> additional = new HashMap<>(found.columns());
    for (ExpectedTable.Column column : expected.columns()) {
      ActualTable.Column match = additional.remove(column.name());
      if (match == null) {
        problem(column.name(), "is missing");
      } else {
        compareColumn(column, match);
      }
    }
    additional.forEach(this::compareAdditional);
    compareKeys();
    return problems;
  }

  private void compareColumn(ExpectedTable.Column column, ActualTable.Column match) {
    if (!SAME_TYPES.getOrDefault(column.type(), Set.of(column.type())).contains(match.type())) {
      problem(column.name(), "is %s, should be %s".formatted(match.type(), column.type()));
    }
    if (match.nullable() && !column.nullable()) {
      problem(column.name(), "is nullable, should be not null");
    }
    if (!match.nullable() && column.nullable()) {
      problem(column.name(), "is not null, should be nullable");
    }
    compareDefault(column, match);
  }

  private void compareDefault(ExpectedTable.Column column, ActualTable.Column match) {
    String expectedDefault = column.type().endsWith("serial") ? "nextval(" : column.defaultValue();
    if (expectedDefault != null
        && !match.generated()
        && !isDefault(expectedDefault, match.defaultValue())) {
      String actual =
          match.defaultValue() == null ? "no default" : "default " + match.defaultValue();
      problem(column.name(), "has %s, should have default %s".formatted(actual, expectedDefault));
    }
  }

  /**
   * Compares defaults as PostgreSQL prints them: with a type after constants, and a schema before
   * sequence names.
   */
  private static boolean isDefault(String expectedDefault, @Nullable String actual) {
    if (actual == null) {
      return false;
    }
    if (expectedDefault.startsWith("nextval(")) {
      return actual.startsWith("nextval(") && actual.contains(sequenceIn(expectedDefault));
    }
    return actual.equals(expectedDefault) || actual.startsWith(expectedDefault + "::");
  }

  private static String sequenceIn(String nextval) {
    String[] parts = nextval.split("'", -1);
    return parts.length > 1 ? parts[1] : "";
  }

  /**
   * Checks a column that others added: inserts of this library do not set it, so it must not need a
   * value.
   */
  private void compareAdditional(String name, ActualTable.Column other) {
    if (!other.nullable() && other.defaultValue() == null && !other.generated()) {
      problem(
          name,
          "does not belong to the store and is not null without a default; add a default or drop"
              + " not null");
    }
  }

  private void compareKeys() {
    if (!found.keys().contains(new ActualTable.Key(expected.primaryKey(), true))) {
      problem(String.join(", ", expected.primaryKey()), "should be the primary key");
    }
    for (Set<String> key : expected.uniqueKeys()) {
      if (found.keys().stream().noneMatch(match -> Set.copyOf(match.columns()).equals(key))) {
        problem(String.join(", ", key.stream().sorted().toList()), "should be unique");
      }
    }
    for (ExpectedTable.Reference reference : expected.references()) {
      if (!found.references().contains(reference)) {
        problem(
            String.join(", ", reference.columns()),
            "should have a valid foreign key to table " + reference.table());
      }
    }
  }

  private void problem(String column, String problem) {
    problems.add("table %s, column %s: %s".formatted(expected.name(), column, problem));
  }
}
