package dev.wfe.postgres.internal.sql;

/**
 * The definition of an index. Immutable.
 *
 * @param name the index's name without the prefix
 * @param table the table's name without the prefix
 * @param method the text that follows {@code using}, as {@code pg_get_indexdef} prints it
 */
public record IndexDefinition(String name, String table, String method) {}
