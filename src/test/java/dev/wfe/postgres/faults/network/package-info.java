/** Connections that break or hang, and a proxy that makes them do so. */
@NullMarked
package dev.wfe.postgres.faults.network;

import org.jspecify.annotations.NullMarked;
