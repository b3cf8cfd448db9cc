/** The parts of an open provider, and how they are opened and closed. */
@NullMarked
package dev.wfe.postgres.internal.runtime;

import org.jspecify.annotations.NullMarked;
