/**
 * The public door to a store of workflow state in PostgreSQL: {@link
 * dev.wfe.postgres.PostgresPersistenceProvider} and how to set it up.
 */
@NullMarked
package dev.wfe.postgres;

import org.jspecify.annotations.NullMarked;
