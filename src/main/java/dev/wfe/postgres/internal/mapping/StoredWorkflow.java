package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.WorkflowInstance;

/**
 * A workflow as it was read, with what its revision is made of.
 *
 * @param instance the value, without a revision
 * @param xmin the transaction that wrote the workflow's row
 * @param ctid where that version of the row lies
 * @param positions of the pointers, in order
 */
public record StoredWorkflow(
    WorkflowInstance instance, String xmin, String ctid, Positions positions) {}
