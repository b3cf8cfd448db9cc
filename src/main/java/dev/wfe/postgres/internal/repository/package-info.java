/**
 * Implements the operations, one class for each repository: checks the values, converts them to
 * parameters, runs one statement, and turns its rows into a result or a typed exception.
 */
@NullMarked
package dev.wfe.postgres.internal.repository;

import org.jspecify.annotations.NullMarked;
