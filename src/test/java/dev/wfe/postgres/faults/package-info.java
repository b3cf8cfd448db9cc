/** What the store does while connections, servers and hosts fail. */
@NullMarked
package dev.wfe.postgres.faults;

import org.jspecify.annotations.NullMarked;
