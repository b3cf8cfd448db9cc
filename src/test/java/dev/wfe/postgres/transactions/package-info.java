/** Operations in the caller's transaction. */
@NullMarked
package dev.wfe.postgres.transactions;

import org.jspecify.annotations.NullMarked;
