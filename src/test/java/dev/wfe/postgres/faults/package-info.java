/** Faults of the network and of the server, for tests, and what the store does under them. */
@NullMarked
package dev.wfe.postgres.faults;

import org.jspecify.annotations.NullMarked;
