package dev.wfe.bench;

/**
 * What a sample cost the server.
 *
 * @param transactions the transactions, of reads and of writes, for each execution
 * @param commits the transactions that wrote something, and waited for the disk, for each execution
 * @param logBytes the bytes of write-ahead log for each execution
 */
public record Cost(double transactions, double commits, double logBytes) {}
