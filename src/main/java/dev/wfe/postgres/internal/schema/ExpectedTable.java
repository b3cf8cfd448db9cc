package dev.wfe.postgres.internal.schema;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.hibernate.boot.Metadata;
import org.hibernate.mapping.ForeignKey;
import org.hibernate.mapping.Table;
import org.hibernate.mapping.UniqueKey;
import org.jspecify.annotations.Nullable;

/**
 * A table as the entities define it. Immutable.
 *
 * @param name the table's name in the database
 * @param columns the columns
 * @param primaryKey the columns of the primary key
 * @param uniqueKeys the columns of the other unique keys
 * @param references the foreign keys
 */
record ExpectedTable(
    String name,
    List<Column> columns,
    List<String> primaryKey,
    Set<Set<String>> uniqueKeys,
    List<Reference> references) {

  /**
   * A column.
   *
   * @param name the column's name
   * @param type the type as Hibernate would declare it
   * @param nullable whether the column accepts SQL NULL
   * @param defaultValue the default of the mapping, or null for none
   */
  record Column(String name, String type, boolean nullable, @Nullable String defaultValue) {}

  /**
   * A foreign key.
   *
   * @param columns the referencing columns
   * @param table the referenced table
   */
  record Reference(List<String> columns, String table) {}

  /** Returns the tables of all entities. */
  static List<ExpectedTable> of(Metadata metadata) {
    List<ExpectedTable> tables = new ArrayList<>();
    for (Table table : metadata.collectTableMappings()) {
      tables.add(of(table, metadata));
    }
    return tables;
  }

  private static ExpectedTable of(Table table, Metadata metadata) {
    Set<Set<String>> uniqueKeys = new LinkedHashSet<>();
    for (UniqueKey key : table.getUniqueKeys().values()) {
      uniqueKeys.add(Set.copyOf(names(key.getColumns())));
    }
    List<Reference> references = new ArrayList<>();
    for (ForeignKey key : table.getForeignKeys().values()) {
      references.add(new Reference(names(key.getColumns()), key.getReferencedTable().getName()));
    }
    List<Column> columns = new ArrayList<>();
    for (org.hibernate.mapping.Column column : table.getColumns()) {
      if (column.isUnique()) {
        uniqueKeys.add(Set.of(column.getName()));
      }
      columns.add(
          new Column(
              column.getName(),
              column.getSqlType(metadata),
              column.isNullable(),
              column.getDefaultValue()));
    }
    return new ExpectedTable(
        table.getName(),
        columns,
        names(table.getPrimaryKey().getColumns()),
        uniqueKeys,
        references);
  }

  private static List<String> names(List<org.hibernate.mapping.Column> columns) {
    return columns.stream().map(org.hibernate.mapping.Column::getName).toList();
  }
}
