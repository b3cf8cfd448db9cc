package dev.wfe.model;

/**
 * What the store held when a {@link WorkflowInstance} was read: opaque, made and understood only by
 * the store that gave it, and good only for as long as that store's process runs. It is not part of
 * the value's equality, is never serialised, and means nothing to another store.
 */
public interface Revision {}
