package dev.wfe.postgres.internal.sql;

/**
 * The quoted names of one store's tables, with schema and prefix. The options have checked that
 * both parts are plain identifiers. Immutable.
 *
 * @param schema the schema's name, unquoted
 * @param prefix the prefix of the name of every table, index and sequence; may be empty
 */
public record StoreNames(String schema, String prefix) {
  /**
   * Returns the table's quoted, qualified name: {@code "wfc"."workflows"} for {@code workflows}.
   */
  public String table(String name) {
    return quote(schema) + "." + quote(object(name));
  }

  /** Returns the prefixed, unquoted name of a table, index or sequence. */
  public String object(String name) {
    return prefix + name;
  }

  /** Returns the schema's quoted name. */
  public String quotedSchema() {
    return quote(schema);
  }

  /** Quotes an identifier that contains no quotes itself. */
  public static String quote(String identifier) {
    return '"' + identifier + '"';
  }
}
