/**
 * Where a statement runs: in a transaction of its own, the caller's or a JTA one; with retries and
 * time limits.
 */
@NullMarked
package dev.wfe.postgres.internal.transaction;

import org.jspecify.annotations.NullMarked;
