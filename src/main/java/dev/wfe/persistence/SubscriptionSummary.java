package dev.wfe.persistence;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as a list shows it: without its data, its exclusions and its token.
 *
 * @param id the id
 * @param workflowId the workflow that waits
 * @param stepId the step that waits
 * @param executionPointerId the pointer that waits
 * @param eventName the name of the events that it covers
 * @param eventKey the key of the events that it covers
 * @param subscribeAsOf the earliest time of the events that it covers
 * @param workerId the worker of its token, or null. The token may have expired
 * @param tokenExpiry when its token expires, by the database's clock; null if it has no token or
 *     one that never expires
 * @param held whether its token had not expired when it was read
 */
public record SubscriptionSummary(
    String id,
    String workflowId,
    int stepId,
    String executionPointerId,
    String eventName,
    String eventKey,
    Instant subscribeAsOf,
    @Nullable String workerId,
    @Nullable Instant tokenExpiry,
    boolean held) {}
