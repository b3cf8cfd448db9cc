package dev.wfe.host;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A wait for an event.
 *
 * @param step the name of the step
 * @param eventName the name of the event type
 * @param eventKey the key of the event
 * @param since when the wait began
 * @param until when its time is over, or null
 */
public record WaitState(
    String step,
    String eventName,
    String eventKey,
    @Nullable Instant since,
    @Nullable Instant until) {}
