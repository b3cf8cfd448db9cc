/**
 * The public API for workflow state in PostgreSQL: {@link
 * dev.wfe.postgres.PostgresPersistenceProvider} and its options.
 */
@NullMarked
package dev.wfe.postgres;

import org.jspecify.annotations.NullMarked;
