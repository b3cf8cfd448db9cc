/** Purging a store, and exporting it as JSON lines, on any provider. */
@NullMarked
package dev.wfe.retention;

import org.jspecify.annotations.NullMarked;
