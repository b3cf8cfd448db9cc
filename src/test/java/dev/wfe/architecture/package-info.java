/** Checks the dependencies between packages, and rules for all code. */
@NullMarked
package dev.wfe.architecture;

import org.jspecify.annotations.NullMarked;
