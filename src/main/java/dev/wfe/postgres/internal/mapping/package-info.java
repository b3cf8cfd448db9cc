/** Converts values to rows and entities and back, without loss. */
@NullMarked
package dev.wfe.postgres.internal.mapping;

import org.jspecify.annotations.NullMarked;
