package dev.wfe.persistence;

import java.time.Instant;

/**
 * An event as a list shows it: without its data.
 *
 * @param id the id
 * @param eventName the name
 * @param eventKey the key
 * @param eventTime when it happened
 * @param processed whether it was delivered
 */
public record EventSummary(
    String id, String eventName, String eventKey, Instant eventTime, boolean processed) {}
