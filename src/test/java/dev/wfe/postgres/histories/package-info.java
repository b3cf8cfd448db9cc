/** Histories of the PostgreSQL provider, with threads, processes and faults. */
@NullMarked
package dev.wfe.postgres.histories;

import org.jspecify.annotations.NullMarked;
