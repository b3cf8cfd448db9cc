/** What an operation costs: round trips, rows, bytes and log. */
@NullMarked
package dev.wfe.postgres.cost;

import org.jspecify.annotations.NullMarked;
