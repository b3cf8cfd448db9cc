/** Runs statements in independent, caller's or JTA transactions, with retries and time limits. */
@NullMarked
package dev.wfe.postgres.internal.transaction;

import org.jspecify.annotations.NullMarked;
