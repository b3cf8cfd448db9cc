/**
 * The native statements by name, with what 0, 1 or n rows mean, and what PostgreSQL's errors mean
 * for callers.
 */
@NullMarked
package dev.wfe.postgres.internal.sql;

import org.jspecify.annotations.NullMarked;
