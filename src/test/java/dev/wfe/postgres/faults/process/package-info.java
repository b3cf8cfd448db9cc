/** Hosts that are killed. */
@NullMarked
package dev.wfe.postgres.faults.process;

import org.jspecify.annotations.NullMarked;
