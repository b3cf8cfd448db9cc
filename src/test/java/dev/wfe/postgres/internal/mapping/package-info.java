/** Conversion of values to rows and entities, and back, without a database. */
@NullMarked
package dev.wfe.postgres.internal.mapping;

import org.jspecify.annotations.NullMarked;
