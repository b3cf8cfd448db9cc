package dev.wfe.memory;

import java.time.Instant;

/** How many workflows of a definition with a rate were claimed at a time. Immutable. */
record LimitUse(String definitionId, Instant time, int count) {}
