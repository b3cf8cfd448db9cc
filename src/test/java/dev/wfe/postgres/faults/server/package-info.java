/** Servers that crash, fail over, run out of disk space or refuse. */
@NullMarked
package dev.wfe.postgres.faults.server;

import org.jspecify.annotations.NullMarked;
