/** Tests of the entities on a real database. */
@NullMarked
package dev.wfe.postgres.entity;

import org.jspecify.annotations.NullMarked;
