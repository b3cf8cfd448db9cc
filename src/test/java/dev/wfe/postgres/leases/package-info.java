/** Leases, claims and live parts on PostgreSQL. */
@NullMarked
package dev.wfe.postgres.leases;

import org.jspecify.annotations.NullMarked;
