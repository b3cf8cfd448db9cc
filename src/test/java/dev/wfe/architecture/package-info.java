/** Holds the arrows of the house. */
@NullMarked
package dev.wfe.architecture;

import org.jspecify.annotations.NullMarked;
