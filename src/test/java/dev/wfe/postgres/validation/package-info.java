/** Checks that users run on their deployed stores. */
@NullMarked
package dev.wfe.postgres.validation;

import org.jspecify.annotations.NullMarked;
