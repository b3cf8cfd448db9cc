package dev.wfe.host;

import java.time.Duration;

/**
 * The settings of a host. Immutable.
 *
 * @param owner identifies the host in leases
 * @param lease how long a lease lasts without being renewed
 * @param capacity how many instances the host holds at a time
 * @param maxCapacity how many it holds at most while they end quickly
 * @param maxBytes how many bytes of data one claim reads
 * @param minPoll the shortest pause between two polls
 * @param maxPoll the longest pause between two polls
 */
record HostSettings(
    String owner,
    Duration lease,
    int capacity,
    int maxCapacity,
    long maxBytes,
    Duration minPoll,
    Duration maxPoll) {}
