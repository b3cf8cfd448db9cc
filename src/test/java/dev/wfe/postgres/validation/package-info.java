/** What users of the library hold their deployed stores to. */
@NullMarked
package dev.wfe.postgres.validation;

import org.jspecify.annotations.NullMarked;
