/** Measures the operations and compares them with other implementations. */
@NullMarked
package dev.wfe.bench;

import org.jspecify.annotations.NullMarked;
