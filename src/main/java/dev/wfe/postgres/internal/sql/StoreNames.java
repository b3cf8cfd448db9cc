package dev.wfe.postgres.internal.sql;

/**
 * The names of one store's tables as SQL wants them: quoted, case kept, with schema and prefix.
 * Immutable; the parts are plain identifiers, checked where options are made.
 *
 * @param schema the schema's name, unquoted
 * @param prefix what the name of every table, index and sequence starts with; may be empty
 */
public record StoreNames(String schema, String prefix) {
  /** The table's quoted, qualified name: {@code "wfc"."workflows"} for {@code workflows}. */
  public String table(String name) {
    return quote(schema) + "." + quote(object(name));
  }

  /** The prefixed, unquoted name of a table, index or sequence. */
  public String object(String name) {
    return prefix + name;
  }

  /** The schema's quoted name. */
  public String quotedSchema() {
    return quote(schema);
  }

  /** The identifier in quotes; it holds none itself. */
  public static String quote(String identifier) {
    return '"' + identifier + '"';
  }
}
