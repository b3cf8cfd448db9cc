package dev.wfe.postgres.internal.schema;

/**
 * One index.
 *
 * @param name its name without the prefix
 * @param table its table's name without the prefix
 * @param method what follows {@code using}, as {@code pg_get_indexdef} prints it
 */
record IndexDefinition(String name, String table, String method) {}
