/** Checks that the program needs nothing else, and continues after it or its server was killed. */
@NullMarked
package dev.wfe.cli;

import org.jspecify.annotations.NullMarked;
