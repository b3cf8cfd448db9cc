/**
 * The native statements, with the meaning of their row counts, and the translation of SQL errors.
 */
@NullMarked
package dev.wfe.postgres.internal.sql;

import org.jspecify.annotations.NullMarked;
