/** The operations, each with the implementations that are compared. */
@NullMarked
package dev.wfe.bench.operations;

import org.jspecify.annotations.NullMarked;
