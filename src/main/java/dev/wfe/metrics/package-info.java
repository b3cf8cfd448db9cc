/** Meters of a workflow host for Micrometer, which is an optional dependency. */
@NullMarked
package dev.wfe.metrics;

import org.jspecify.annotations.NullMarked;
