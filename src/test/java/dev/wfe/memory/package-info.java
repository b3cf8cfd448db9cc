/** An in-memory provider: the contract in its simplest form, for tests. */
@NullMarked
package dev.wfe.memory;

import org.jspecify.annotations.NullMarked;
