/** Random sequences of operations, on PostgreSQL and on the store in memory as its model. */
@NullMarked
package dev.wfe.postgres.modelled;

import org.jspecify.annotations.NullMarked;
