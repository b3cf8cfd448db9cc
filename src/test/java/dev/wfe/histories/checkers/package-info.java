/** Decide whether a recorded history keeps the guarantees. */
@NullMarked
package dev.wfe.histories.checkers;

import org.jspecify.annotations.NullMarked;
