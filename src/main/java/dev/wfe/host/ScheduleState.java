package dev.wfe.host;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The stored state of a schedule. Immutable.
 *
 * @param name its name
 * @param definitionId the id of the definition that it starts
 * @param recurrence its times, as text
 * @param isSuspended whether it starts nothing, because of a call or an error
 * @param next the next time; null if it is suspended, or if no host has computed it yet
 * @param last the time for which it started the last workflow; null if it has started none
 * @param lastId the id of that workflow, or null
 * @param error why it is suspended, or null
 */
public record ScheduleState(
    String name,
    String definitionId,
    String recurrence,
    boolean isSuspended,
    @Nullable Instant next,
    @Nullable Instant last,
    @Nullable String lastId,
    @Nullable String error) {}
