package dev.wfe.persistence;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How much of the limits of a definition is used. Immutable.
 *
 * @param atATime how many workflows of the definition count as being executed: those with a lease
 *     that was taken under limits, and that is valid or whose workflow is due
 * @param atATimeOfKey how many of them have the key; 0 if none was asked for
 * @param claimed how many were claimed in the period; 0 if none was asked for
 * @param earliestClaim the earliest of these claims, or null
 */
public record LimitUsage(
    long atATime, long atATimeOfKey, long claimed, @Nullable Instant earliestClaim) {}
