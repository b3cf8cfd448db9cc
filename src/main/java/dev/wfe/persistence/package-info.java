/**
 * The operations on workflow state, and their exceptions.
 *
 * <p>Every call blocks until the database has answered. It may come from any thread, including
 * virtual threads. An operation is atomic, and what it wrote is durable when it returns, unless it
 * is part of a caller's transaction. The database's clock decides every expiry. Every failure is a
 * {@link StoreException} with the ids that it concerns, and says whether calling again helps.
 *
 * <p>Every operation can fail with a {@link StoreUnavailableException} (nothing was changed;
 * calling again can help) or a {@link StoreSetupException} (there is no store, or a right is
 * missing; not retryable). An operation that writes can also fail with an {@link
 * UnknownOutcomeException}. In a caller's transaction nothing is stored before its commit. So a
 * broken connection is a {@link StoreUnavailableException} there, and the whole transaction has to
 * be repeated. A transaction that accepts no more work causes a {@link CallerTransactionException}.
 *
 * <p>Every operation refuses {@code null} where a value is required, and a value beyond the {@link
 * ValueLimits}, with an {@link InvalidValueException} before anything is written. The limits apply
 * to new values: a value beyond a limit that another program stored can be read, and can be
 * persisted unchanged with its revision. An id that could not be stored is treated as not found. A
 * row that cannot be read is left out of lists and hides no other row; asking for it by its id
 * causes an {@link UnreadableRowException}.
 */
@NullMarked
package dev.wfe.persistence;

import org.jspecify.annotations.NullMarked;
