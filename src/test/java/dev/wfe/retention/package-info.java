/** Purges and exports, on the in-memory provider. */
@NullMarked
package dev.wfe.retention;

import org.jspecify.annotations.NullMarked;
