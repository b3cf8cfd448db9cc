/** Faults of the network, of servers and of hosts, and what the provider does under them. */
@NullMarked
package dev.wfe.postgres.faults;

import org.jspecify.annotations.NullMarked;
