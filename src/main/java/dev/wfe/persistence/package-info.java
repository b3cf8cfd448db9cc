/**
 * The verbs of a store of workflow state, and the ways they fail.
 *
 * <p>Every call blocks until the store has answered and may be made from any thread, virtual ones
 * included. Unless a caller's own transaction carries it, a verb is atomic and what it wrote is
 * durable when it returns. Every expiry is decided by the database's clock. Every failure is a
 * {@link StoreException} that carries the ids it speaks of and says whether calling again helps.
 *
 * <p>Any verb may fail with a {@link StoreUnavailableException} (nothing was changed; calling again
 * may help), with a {@link StoreSetupException} where there is no store or no right to it (not
 * retryable), and one that writes with an {@link UnknownOutcomeException}. In a caller's
 * transaction nothing is stored before its commit, so there a broken connection is a {@link
 * StoreUnavailableException}, what helps is to repeat the transaction as a whole, and a transaction
 * that takes no more work is a {@link CallerTransactionException}.
 *
 * <p>For all verbs: {@code null} where a value is needed, and a value beyond the {@link
 * ValueLimits}, is refused with an {@link InvalidValueException} before anything is written. The
 * limits apply to what is new: what others stored beyond them is read, and may be persisted
 * unchanged with its revision. An id that no store could hold is one that was not found. A row that
 * cannot be read is left out of lists, which hides no other row, and an {@link
 * UnreadableRowException} where it is asked for by its id.
 */
@NullMarked
package dev.wfe.persistence;

import org.jspecify.annotations.NullMarked;
