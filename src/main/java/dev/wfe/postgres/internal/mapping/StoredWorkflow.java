package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.WorkflowInstance;

/**
 * A workflow as it was read, with the parts of its revision. Immutable.
 *
 * @param instance the value, without a revision
 * @param revision identifies the version of the workflow's row
 * @param positions the positions of the pointers, in order
 */
public record StoredWorkflow(WorkflowInstance instance, String revision, Positions positions) {}
