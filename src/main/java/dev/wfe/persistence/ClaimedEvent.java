package dev.wfe.persistence;

import dev.wfe.model.Event;

/**
 * An event that a host has exclusively until the lease expires.
 *
 * @param claim the proof of the lease
 * @param event the event
 */
public record ClaimedEvent(Claim claim, Event event) {}
