/** A store in memory, for tests: the contract in its plainest form, to measure other stores by. */
@NullMarked
package dev.wfe.memory;

import org.jspecify.annotations.NullMarked;
