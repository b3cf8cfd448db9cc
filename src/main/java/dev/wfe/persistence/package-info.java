/**
 * The operations on workflow state, and their exceptions.
 *
 * <p>Every call blocks until the database has answered. It may come from any thread, including
 * virtual threads. An operation is atomic, and what it wrote is durable when it returns, unless it
 * is part of a caller's transaction. The database's clock decides every expiry. Every failure is a
 * {@link StoreException}, which carries the ids that it is about and says whether it is retryable.
 *
 * <p>Every operation can fail with a {@link StoreUnavailableException} (a transient failure;
 * nothing was changed; retryable) or a {@link StoreSetupException} (there is no store, or a
 * privilege is missing; not retryable). An operation that writes can also fail with an {@link
 * UnknownOutcomeException}. In a caller's transaction nothing is stored before its commit. So a
 * broken connection causes a {@link StoreUnavailableException} there, and the caller has to repeat
 * the whole transaction. A transaction that accepts no more statements causes a {@link
 * CallerTransactionException}.
 *
 * <p>Every operation throws an {@link InvalidValueException}, before it writes anything, if a
 * required value is {@code null} or a value exceeds the {@link ValueLimits}. The limits apply to
 * new values only: a longer value that another program stored can be read, and can be persisted
 * unchanged with its revision. An id that cannot be stored, such as one with a NUL character, is
 * treated as not found. A row that cannot be read is left out of lists and hides no other row;
 * reading it by its id causes an {@link UnreadableRowException}.
 */
@NullMarked
package dev.wfe.persistence;

import org.jspecify.annotations.NullMarked;
