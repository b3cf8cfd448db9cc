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
 * The columns of two tables in one result: a row of either takes the same places, as far as the
 * types allow, because every place costs something in every row. Thread-safe.
 */
final class SharedPlaces {
  private final List<ColumnType> types = new ArrayList<>();
  private final List<@Nullable String> first = new ArrayList<>();
  private final List<@Nullable String> second = new ArrayList<>();

  /**
   * Of the columns of both.
   *
   * @param ownerOfSecond a text column besides those of the second
   */
  SharedPlaces(Columns<?> first, Columns<?> second, String ownerOfSecond) {
    for (ColumnType type : ColumnType.values()) {
      List<String> some = first.names(type);
      List<String> others = new ArrayList<>(second.names(type));
      if (type == ColumnType.TEXT) {
        others.add(ownerOfSecond);
      }
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

  private String select(List<@Nullable String> columns, String alias) {
    return IntStream.range(0, columns.size())
        .mapToObj(
            i ->
                columns.get(i) == null
                    ? "null::" + types.get(i).sqlName()
                    : alias + "." + columns.get(i))
        .collect(Collectors.joining(", "));
  }

  /** Where the first table's columns stand, counted on from the places before. */
  Map<String, Integer> placesOfFirst(int before) {
    return places(first, before);
  }

  /** Where the second table's columns stand, counted on from the places before. */
  Map<String, Integer> placesOfSecond(int before) {
    return places(second, before);
  }

  private static Map<String, Integer> places(List<@Nullable String> columns, int before) {
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      String column = columns.get(i);
      if (column != null) {
        places.put(column, before + 1 + i);
      }
    }
    return Map.copyOf(places);
  }
}
