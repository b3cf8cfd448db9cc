/**
 * The tables of a store as Jakarta Persistence entities, one for each table, for queries in JPQL.
 * Statuses and command names are plain text, as stored. A field is nullable if another program may
 * store null. {@code dev.wfe.postgres.Entities} converts entities to values.
 *
 * <p>Entities are not thread-safe. Changing an entity and flushing it bypasses the limits and the
 * protection against lost updates.
 */
@NullMarked
package dev.wfe.postgres.entity;

import org.jspecify.annotations.NullMarked;
