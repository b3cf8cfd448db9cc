/** Each operation, in every way that is compared. */
@NullMarked
package dev.wfe.bench.verbs;

import org.jspecify.annotations.NullMarked;
