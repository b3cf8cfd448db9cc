package dev.wfe.persistence;

/**
 * A workflow that is due and that no valid lease covers.
 *
 * @param id the workflow's id
 * @param nextExecution since when it is due, in epoch milliseconds by the database's clock; 0 or
 *     less if that is not known
 */
public record DueWorkflow(String id, long nextExecution) {}
