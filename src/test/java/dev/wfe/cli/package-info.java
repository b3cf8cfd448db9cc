/** Proves that the program gets by on its own, and goes on after it or its server was killed. */
@NullMarked
package dev.wfe.cli;

import org.jspecify.annotations.NullMarked;
