/** Measures the operations, compared with other ways of doing the same. */
@NullMarked
package dev.wfe.bench;

import org.jspecify.annotations.NullMarked;
