/**
 * Implements the verbs, one class per repository: checks the values, turns them into parameters,
 * runs one statement, and turns its rows into a result or a typed failure.
 */
@NullMarked
package dev.wfe.postgres.internal.repository;

import org.jspecify.annotations.NullMarked;
