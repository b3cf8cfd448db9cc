/** The contract and the histories on the in-memory provider. */
@NullMarked
package dev.wfe.memory;

import org.jspecify.annotations.NullMarked;
