/** Proves that the program gets by on its own, and goes on after it or its server was killed. */
@NullMarked
package dev.wfe.postgres.cli;

import org.jspecify.annotations.NullMarked;
