/** Tests of workflows in memory, with a clock that the test moves. */
@NullMarked
package dev.wfe.testing;

import org.jspecify.annotations.NullMarked;
