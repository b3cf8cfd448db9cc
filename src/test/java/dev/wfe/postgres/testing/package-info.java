/** One PostgreSQL server per build, and a fresh database per test class. */
@NullMarked
package dev.wfe.postgres.testing;

import org.jspecify.annotations.NullMarked;
