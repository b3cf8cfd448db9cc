/**
 * The tables of a store as Jakarta Persistence sees them: one entity per table, for queries in
 * JPQL. Words (statuses, command names) are kept as the text that is stored, and what other writers
 * may leave out may be null; {@code dev.wfe.postgres} turns rows into values.
 *
 * <p>Entities are not thread-safe. Whoever changes one and flushes it bypasses the store's limits
 * and its guarantees against lost updates.
 */
@NullMarked
package dev.wfe.postgres.entity;

import org.jspecify.annotations.NullMarked;
