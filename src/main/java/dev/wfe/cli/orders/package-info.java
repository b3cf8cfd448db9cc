/**
 * A small workflow host for the orders of a file: an example of how to use the operations. Of this
 * library it uses only {@code dev.wfe.model} and {@code dev.wfe.persistence}.
 *
 * <p>The workflow of an order consists of {@link dev.wfe.cli.orders.Step}s. {@link
 * dev.wfe.cli.orders.OrderPass} decides what changes, without access to the store. The {@link
 * dev.wfe.cli.orders.Worker}s read, let it decide, and write.
 *
 * <p>Every decision depends only on what is stored, every id is derived from the order's id, and
 * every write is either guarded by a revision or harmless when repeated. So a worker can be killed
 * between any two operations, and the next worker continues. If two operations belong together, a
 * comment says which one comes first and why.
 */
@NullMarked
package dev.wfe.cli.orders;

import org.jspecify.annotations.NullMarked;
