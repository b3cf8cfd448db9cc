package dev.wfe.model;

/**
 * Identifies the stored version from which a {@link WorkflowInstance} was read (optimistic
 * locking). It is opaque: only the provider that created it can interpret it, and it is valid only
 * in the process that read it. It is not part of the instance's equality and is never serialised.
 */
public interface Revision {}
