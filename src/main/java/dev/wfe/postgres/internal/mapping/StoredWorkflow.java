package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.WorkflowInstance;

/**
 * A workflow as it was read, with what its revision is made of.
 *
 * @param instance the value, without a revision
 * @param revision of the workflow's row
 * @param positions of the pointers, in order
 */
public record StoredWorkflow(WorkflowInstance instance, String revision, Positions positions) {}
