/** One PostgreSQL server for each build, and a fresh database for each test class. */
@NullMarked
package dev.wfe.postgres.testing;

import org.jspecify.annotations.NullMarked;
