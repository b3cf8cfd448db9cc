package dev.wfe.bench;

/**
 * How long the calls of a sample took.
 *
 * @param median in milliseconds
 * @param p99 the 99th percentile, in milliseconds
 */
public record CallTimes(double median, double p99) {}
