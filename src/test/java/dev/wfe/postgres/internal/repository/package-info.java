/** What only shows beneath the operations: leases of commands, and who holds them. */
@NullMarked
package dev.wfe.postgres.internal.repository;

import org.jspecify.annotations.NullMarked;
