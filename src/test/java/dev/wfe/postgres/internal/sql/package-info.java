/** PostgreSQL's errors and their meaning, without a database. */
@NullMarked
package dev.wfe.postgres.internal.sql;

import org.jspecify.annotations.NullMarked;
