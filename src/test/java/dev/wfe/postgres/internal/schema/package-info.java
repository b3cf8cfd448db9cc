/** Tests of how the tables are created, upgraded and checked. */
@NullMarked
package dev.wfe.postgres.internal.schema;

import org.jspecify.annotations.NullMarked;
