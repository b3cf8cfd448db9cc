/** Creates, upgrades and validates the tables of a store. */
@NullMarked
package dev.wfe.postgres.internal.schema;

import org.jspecify.annotations.NullMarked;
