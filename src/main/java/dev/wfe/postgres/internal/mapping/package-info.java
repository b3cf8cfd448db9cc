/**
 * Between the model's values and what PostgreSQL holds: rows and entities, both ways, losing
 * nothing.
 */
@NullMarked
package dev.wfe.postgres.internal.mapping;

import org.jspecify.annotations.NullMarked;
