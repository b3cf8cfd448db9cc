package dev.wfe.postgres.entity;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The version of a workflow's row that an entity was read from. Immutable.
 *
 * @param xmin the writing transaction
 * @param ctid the place of the row
 * @param lastHeartbeatAt what stood there when it was read, or null
 * @param readAt when the statement that read it began, by the clock of the database
 */
public record RowVersion(
    String xmin, String ctid, @Nullable Instant lastHeartbeatAt, Instant readAt) {}
