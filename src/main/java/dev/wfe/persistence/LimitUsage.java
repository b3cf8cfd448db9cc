package dev.wfe.persistence;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How much of the limits that hold for a workflow others use. Immutable.
 *
 * @param atATime how many other workflows of its definition count as being executed: those with a
 *     lease that was taken under limits, and that is valid or whose workflow is due
 * @param atATimeOfKey how many of them have the key of the workflow; 0 if it has none
 * @param claimed how many of the definition were claimed in the period; 0 if none was asked for
 * @param earliestClaim when the earliest of these claims was, by the database's clock; null if
 *     there is none
 */
public record LimitUsage(
    long atATime, long atATimeOfKey, long claimed, @Nullable Instant earliestClaim) {}
