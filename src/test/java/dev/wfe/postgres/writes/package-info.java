/** General writes and batches: what only PostgreSQL can show. */
@NullMarked
package dev.wfe.postgres.writes;

import org.jspecify.annotations.NullMarked;
