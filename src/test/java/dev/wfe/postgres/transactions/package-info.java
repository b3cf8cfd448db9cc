/** The operations in transactions of the caller's. */
@NullMarked
package dev.wfe.postgres.transactions;

import org.jspecify.annotations.NullMarked;
