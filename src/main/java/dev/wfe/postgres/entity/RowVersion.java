package dev.wfe.postgres.entity;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The version of the row from which a workflow's entity was read. Immutable.
 *
 * @param xmin the transaction that wrote the row
 * @param ctid the physical location of the row
 * @param lastHeartbeatAt the value of the column when the row was read, or null
 * @param readAt when the statement that read it began, by the database's clock
 */
public record RowVersion(
    String xmin, String ctid, @Nullable Instant lastHeartbeatAt, Instant readAt) {}
