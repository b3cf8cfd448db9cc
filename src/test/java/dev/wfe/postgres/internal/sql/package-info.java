/** Errors of the database and what they mean, without a database. */
@NullMarked
package dev.wfe.postgres.internal.sql;

import org.jspecify.annotations.NullMarked;
