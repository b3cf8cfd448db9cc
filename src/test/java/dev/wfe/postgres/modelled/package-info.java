/** Random sequences of operations, on PostgreSQL and on the in-memory provider as its model. */
@NullMarked
package dev.wfe.postgres.modelled;

import org.jspecify.annotations.NullMarked;
