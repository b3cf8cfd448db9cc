/** Every native statement by name, and what its row count means. */
@NullMarked
package dev.wfe.postgres.internal.sql;

import org.jspecify.annotations.NullMarked;
