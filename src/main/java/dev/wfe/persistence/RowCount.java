package dev.wfe.persistence;

/**
 * How many rows match a filter.
 *
 * @param rows the number of rows
 * @param estimated whether the number is an estimate of the database's planner. It can be far off,
 *     but is greater than the bound up to which rows were counted
 */
public record RowCount(long rows, boolean estimated) {}
