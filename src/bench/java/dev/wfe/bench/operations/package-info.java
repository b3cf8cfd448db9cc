/** Each operation, in every way that is compared. */
@NullMarked
package dev.wfe.bench.operations;

import org.jspecify.annotations.NullMarked;
