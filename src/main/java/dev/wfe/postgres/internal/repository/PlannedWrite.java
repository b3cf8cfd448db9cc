package dev.wfe.postgres.internal.repository;

import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.WorkflowChange;
import dev.wfe.postgres.internal.sql.WorkflowChange.Written;
import java.util.function.Function;

/**
 * A checked call that writes. As immutable as its function.
 *
 * @param operation the call, for retries and messages
 * @param change what it sends to the tables
 * @param result what the caller gets after it was written
 */
record PlannedWrite<T>(Operation operation, WorkflowChange change, Function<Written, T> result) {}
