package dev.wfe.retention;

import dev.wfe.persistence.PurgeTarget;

/**
 * What a purge has done.
 *
 * @param target what the last batch was about
 * @param deleted how many workflows, events, errors or orphans the last batch has deleted
 * @param total how many the whole purge has deleted until now
 */
public record PurgeProgress(PurgeTarget target, int deleted, long total) {}
