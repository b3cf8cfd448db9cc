package dev.wfe.postgres.internal.store;

/**
 * A command that is ours to handle.
 *
 * @param id the row's key
 * @param commandName the word in the store, known or not
 * @param data the command's data
 * @param executeTime when it was due, in epoch milliseconds
 * @param xmin with {@code ctid}, the version of the row that was claimed
 * @param ctid with {@code xmin}, the version of the row that was claimed
 */
record ClaimedCommand(
    long id, String commandName, String data, long executeTime, String xmin, String ctid) {}
