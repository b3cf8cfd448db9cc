package dev.wfe.persistence;

import dev.wfe.model.LiveWorkflow;

/**
 * A workflow that a host has exclusively until the lease expires.
 *
 * @param claim the proof of the lease
 * @param attempt how many leases on the workflow were taken since the last write that named its
 *     lease or the last release: 1, or more if hosts died
 * @param workflow the version that was current when the lease was taken
 */
public record ClaimedWorkflow(Claim claim, int attempt, LiveWorkflow workflow) {}
