package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/**
 * What one batch of a purge has done.
 *
 * @param deleted how many workflows, events, errors or orphans it deleted; what belonged to the
 *     workflows is not counted
 * @param next where the next batch continues; null if this batch reached the end
 */
public record PurgeBatch(int deleted, @Nullable Position next) {}
