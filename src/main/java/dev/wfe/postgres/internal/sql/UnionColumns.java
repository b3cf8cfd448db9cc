package dev.wfe.postgres.internal.sql;

import dev.wfe.postgres.internal.mapping.ColumnType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Arranges the columns of two tables for a {@code union all}. Columns of the same type share a
 * result column, because every result column costs time in every row. Immutable.
 */
final class UnionColumns {
  private final List<ColumnType> types = new ArrayList<>();
  private final List<@Nullable String> first = new ArrayList<>();
  private final List<@Nullable String> second = new ArrayList<>();

  /** Arranges the columns of both tables. */
  UnionColumns(Columns<?> first, Columns<?> second) {
    for (ColumnType type : ColumnType.values()) {
      List<String> some = first.names(type);
      List<String> others = second.names(type);
      for (int i = 0; i < Math.max(some.size(), others.size()); i++) {
        types.add(type);
        this.first.add(i < some.size() ? some.get(i) : null);
        this.second.add(i < others.size() ? others.get(i) : null);
      }
    }
  }

  /** {@code w.a, null::jsonb}. */
  String ofFirst(String alias) {
    return select(first, alias);
  }

  /** {@code p.b, p.c}. */
  String ofSecond(String alias) {
    return select(second, alias);
  }

  /** {@code null::text, null::jsonb}. */
  String ofNeither() {
    return types.stream().map(type -> "null::" + type.sqlName()).collect(Collectors.joining(", "));
  }

  private String select(List<@Nullable String> columns, String alias) {
    return IntStream.range(0, columns.size())
        .mapToObj(
            i ->
                columns.get(i) == null
                    ? "null::" + types.get(i).sqlName()
                    : alias + "." + columns.get(i))
        .collect(Collectors.joining(", "));
  }

  /**
   * Returns the result column indexes of the first table's columns, after {@code before} other
   * columns.
   */
  Map<String, Integer> indexesOfFirst(int before) {
    return indexes(first, before);
  }

  /**
   * Returns the result column indexes of the second table's columns, after {@code before} other
   * columns.
   */
  Map<String, Integer> indexesOfSecond(int before) {
    return indexes(second, before);
  }

  private static Map<String, Integer> indexes(List<@Nullable String> columns, int before) {
    Map<String, Integer> indexes = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      String column = columns.get(i);
      if (column != null) {
        indexes.put(column, before + 1 + i);
      }
    }
    return Map.copyOf(indexes);
  }
}
