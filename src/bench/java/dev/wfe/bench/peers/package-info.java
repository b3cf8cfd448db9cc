/** Compares this library with others that execute durable work on PostgreSQL. */
@NullMarked
package dev.wfe.bench.peers;

import org.jspecify.annotations.NullMarked;
