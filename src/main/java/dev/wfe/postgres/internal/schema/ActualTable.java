package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table as PostgreSQL's catalogue describes it. Immutable after {@link #all} has returned.
 *
 * @param columns the columns by name
 * @param keys the primary key and the unique indexes that are valid, not deferrable and not partial
 * @param references the validated foreign keys
 */
record ActualTable(
    Map<String, Column> columns, List<Key> keys, List<ExpectedTable.Reference> references) {

  /**
   * A column.
   *
   * @param type the type with all modifiers, as {@code format_type} prints it
   * @param nullable whether the column accepts SQL NULL
   * @param defaultValue the expression of the default, or null for none
   * @param generated whether it is an identity or generated column
   */
  record Column(String type, boolean nullable, @Nullable String defaultValue, boolean generated) {}

  /**
   * A unique index.
   *
   * @param columns the columns in order
   * @param primary whether it is the primary key
   */
  record Key(List<String> columns, boolean primary) {}

  private static final String COLUMNS =
      """
      select c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
        not a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
        a.attidentity <> '' or a.attgenerated <> ''
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where n.nspname = ? and c.relkind in ('r', 'p')
      order by c.relname, a.attnum
      """;

  private static final String KEYS =
      """
      select c.relname, i.indisprimary, array(
          select a.attname::text
          from unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k (attnum, position)
          join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
          order by k.position)
      from pg_catalog.pg_index i
      join pg_catalog.pg_class c on c.oid = i.indrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ? and i.indisunique and i.indisvalid and i.indimmediate
        and i.indpred is null and i.indexprs is null
      """;

  private static final String REFERENCES =
      """
      select c.relname, r.relname, array(
          select a.attname::text
          from unnest(f.conkey) with ordinality as k (attnum, position)
          join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
          order by k.position)
      from pg_catalog.pg_constraint f
      join pg_catalog.pg_class c on c.oid = f.conrelid
      join pg_catalog.pg_class r on r.oid = f.confrelid and r.relnamespace = c.relnamespace
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ? and f.contype = 'f' and f.convalidated
      """;

  /** Returns all tables of the store's schema, by name. */
  static Map<String, ActualTable> all(Connection connection, StoreNames names) throws SQLException {
    Map<String, ActualTable> tables = new LinkedHashMap<>();
    forEach(
        connection,
        COLUMNS,
        names,
        row ->
            tables
                .computeIfAbsent(
                    row.getString(1),
                    name ->
                        new ActualTable(
                            new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>()))
                .columns()
                .put(
                    row.getString(2),
                    new Column(
                        row.getString(3), row.getBoolean(4), row.getString(5), row.getBoolean(6))));
    forEach(
        connection,
        KEYS,
        names,
        row -> table(tables, row).keys().add(new Key(texts(row, 3), row.getBoolean(2))));
    forEach(
        connection,
        REFERENCES,
        names,
        row ->
            table(tables, row)
                .references()
                .add(new ExpectedTable.Reference(texts(row, 3), row.getString(2))));
    return tables;
  }

  /** Returns the table, or a dummy for the keys of a materialised view, which is not a table. */
  private static ActualTable table(Map<String, ActualTable> tables, ResultSet row)
      throws SQLException {
    return tables.getOrDefault(
        row.getString(1),
        new ActualTable(new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>()));
  }

  private static List<String> texts(ResultSet row, int column) throws SQLException {
    return List.of((String[]) row.getArray(column).getArray());
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private static void forEach(Connection connection, String sql, StoreNames names, RowReader reader)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, names.schema());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          reader.read(rows);
        }
      }
    }
  }
}
