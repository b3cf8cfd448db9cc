/** Plans, memory and table sizes when a store has many rows. */
@NullMarked
package dev.wfe.postgres.growth;

import org.jspecify.annotations.NullMarked;
