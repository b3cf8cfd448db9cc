package dev.wfe.persistence;

import dev.wfe.model.ExecutionError;

/**
 * An error that is stored.
 *
 * @param id identifies it; a later error has a greater id, except among concurrent writers
 * @param error what occurred, where and when
 */
public record StoredError(long id, ExecutionError error) {}
