/**
 * Implements the repositories, one class each. An operation checks its values, converts them to
 * parameters, runs one statement, and converts the row count or rows to a result or a typed
 * exception.
 */
@NullMarked
package dev.wfe.postgres.internal.repository;

import org.jspecify.annotations.NullMarked;
