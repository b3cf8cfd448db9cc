package dev.wfe.host;

/**
 * The result of a start.
 *
 * @param id the id of the instance
 * @param created whether this call created it; false if it existed already
 */
public record StartResult(String id, boolean created) {}
