package dev.wfe.host;

/** An option of a {@link Schedule}. */
public sealed interface ScheduleOption permits MissedStarts, Overlap, PlannedTime {}
